set check_function_bodies = off;
create function f() returns bigint language sql as $$select count(*) from public.t$$;
create table t (a int, b bigint default public.f());
