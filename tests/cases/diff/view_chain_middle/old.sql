create table t (a int, b int);
create view v1 as select a, b from t;
create view v2 as select a from v1;
create view v3 as select a from v2;
