create function ok(int) returns bool immutable language sql as $$select $1 > 0$$;
create table t (a int check (public.ok(a)));
