create type mood as enum ('a', 'b');
create domain dm as mood;
create table t (id int primary key, m dm);
create function f(dm) returns bool language sql immutable as $$select $1::public.mood = 'a'$$;
create index i on t (f(m));
create view v1 as select id, f(m) as ok from t;
create view v2 as select id from v1 where ok;
create materialized view mv as select count(*) from v2;
create policy p on t using (exists (select from v2 where v2.id = t.id));
