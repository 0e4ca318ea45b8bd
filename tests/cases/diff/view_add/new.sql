create table t (id integer primary key, name text, n numeric(10,2));
create view v as select id, name from t where n > 1;
create view w with (security_barrier=true, security_invoker=true) as select * from v;
