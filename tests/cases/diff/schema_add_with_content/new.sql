create schema app;
create type app.mood as enum ('a');
create table app.t (id serial primary key, m app.mood default 'a');
create function app.f(app.mood) returns bigint language sql stable as 'select count(*) from app.t where m = $1';
create view app.v as select id, app.f(m) as n from app.t;
grant usage on schema app to gm_reader;
grant select on all tables in schema app to gm_reader;
