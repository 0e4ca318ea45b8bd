create table t (a int, b int);
create view v with (security_invoker = true, security_barrier = true) as select a from t;
