create table t (id integer primary key, name text, n numeric(10,2));
create view v as select id, name from t;
create function fv() returns v language sql as $$select 1, 'x'$$;
create table s (x v, y text default (fv()).name);
