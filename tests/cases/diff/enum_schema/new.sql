create schema app;
create type app.mood as enum ('a');
create table t (m app.mood default 'a');
