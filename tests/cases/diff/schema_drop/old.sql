create schema app;
create table app.t (id serial primary key);
create view app.v as select id from app.t;
create type app.mood as enum ('a');
create function app.f(app.mood) returns int language sql as 'select 1';
grant usage on schema app to gm_reader;
