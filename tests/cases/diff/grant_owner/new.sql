create table t (id integer primary key, name text, n numeric(10,2));
revoke truncate, delete on t from current_user;
