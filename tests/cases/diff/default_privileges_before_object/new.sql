alter default privileges grant select on tables to gm_reader;
create table a (x int);
create table b (x int);
create view v as select x from b;
create sequence s;
