create schema app;
create table t (a int);
create view app.v as select a from t;
grant select on app.v to gm_reader;
