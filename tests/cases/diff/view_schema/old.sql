create schema app;
create table t (a int);
create view v as select a from t;
grant select on v to gm_reader;
