create type st as enum ('new','closed','open');
create table t(id int, s st default 'closed' not null, ss st[], check (s <> 'closed'));
create index on t(s) where s = 'open';
create function f(st) returns st language sql as $$ select 'open'::st $$;
create view v as select s, count(*) from t group by s;
create table p(s st) partition by list(s);
create table p1 partition of p for values in ('new', 'open');
create policy pol on t using (s = 'open');
