alter default privileges grant select on tables to gm_reader;
create table a (x int);
