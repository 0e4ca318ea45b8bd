create table t (id integer primary key, n numeric(10,2));
