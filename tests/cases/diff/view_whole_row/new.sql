create table u (a int);
create table t (a int, b int);
create view v as select t as whole, (t).a as part from t;
