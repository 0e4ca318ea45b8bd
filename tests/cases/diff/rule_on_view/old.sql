create table t (a int);
create view v as select a, 1 as one from t;
create rule r as on insert to v do instead insert into t values (new.a);
