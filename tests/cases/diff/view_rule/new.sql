create table t (a int, b int);
create view v as select b from t;
create rule r as on delete to v do instead nothing;
