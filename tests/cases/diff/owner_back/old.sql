create table t (a int);
create schema app;
alter table t owner to gm_writer;
alter schema app owner to gm_reader;
