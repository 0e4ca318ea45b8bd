create table t (id integer primary key, name text, n numeric(10,2));
create view v as select id from t;
create function f() returns setof v language sql as $$select * from public.v$$;
create view w as select * from public.f();
