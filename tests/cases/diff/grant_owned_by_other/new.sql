create table t (id integer primary key, name text, n numeric(10,2));
alter table t owner to gm_writer;
grant select on t to gm_reader;
revoke delete on t from gm_writer;
