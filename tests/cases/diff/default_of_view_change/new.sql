create table t (a int, b int);
create view v as select a, b from t;
alter view v alter a set default 3;
