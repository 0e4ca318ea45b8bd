create table t (a int);
create view v as select a, 1 as one from t;
create rule r as on insert to v do instead insert into t values (new.a) returning t.a, 2;
create rule d as on delete to v do instead (delete from t where t.a = old.a; notify gone);
