create table t (id integer primary key, name text, n numeric(10,2));
create view v with (security_invoker=true) as select id from t;
alter view v alter id set default 7;
comment on view v is 'v';
comment on column v.id is 'id';
