alter default privileges grant select on tables to gm_reader;
create table a (x int);
create table b (x int);
revoke select on b from gm_reader;
