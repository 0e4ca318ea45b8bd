create table t (id serial, x bigint generated always as identity);
alter table t owner to gm_writer;
