create table t (id integer primary key, name text, n numeric(10,2));
create view v as select * from t;
create type mood as enum ('a');
create function f() returns int language sql as $$select 1$$;
create table u (t int references t, m mood default 'a', k int default f());
create materialized view mv as select * from v;
