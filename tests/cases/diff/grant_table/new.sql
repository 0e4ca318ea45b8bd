create table t (id integer primary key, name text, n numeric(10,2));
grant select, insert on t to gm_reader;
grant all on t to gm_writer with grant option;
grant select on t to public;
