create table t (id integer primary key, name text, n numeric(10,2));
grant select (id, name), update (name) on t to gm_reader;
