create table t (a int, b int);
create view v as select b, a from t;
alter view v alter a set default 4;
