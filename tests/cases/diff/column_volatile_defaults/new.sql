create function made() returns text language plpgsql volatile as 'begin return random()::text; end';
create table t (a int, b uuid not null default gen_random_uuid(), c float default random(), d serial, "E e" text collate "C" not null default made());
alter table t alter "E e" set storage external;
create table u (a int, b uuid not null default gen_random_uuid());
create function tr() returns trigger language plpgsql as 'begin return new; end';
create trigger tr before update on u for each row execute function tr();
