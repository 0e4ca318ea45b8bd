create table t (a int);
create view v with (security_barrier) as select a from t;
