create type mood as enum ('a', 'b', 'c');
create domain dm as mood default 'a';
create table t (m mood not null default 'a', ms mood[] default '{a}', d dm, check (m > 'a'));
create view v as select m, m = 'a' as is_a from t;
create function f(mood) returns text language sql immutable as 'select $1::text';
create index i on t (m);
create policy p on t using (m <> 'b');
grant usage on type mood to gm_reader;
comment on type mood is 'moods';
