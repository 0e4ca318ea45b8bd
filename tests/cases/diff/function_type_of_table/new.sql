create table t (id integer primary key, name text, n numeric(10,2));
create function f(t) returns text language sql as $$select $1.name$$;
create function g() returns setof t language sql as $$select * from public.t$$;
