create schema app;
create table app.t (id serial primary key, a text default 'x');
create index i on app.t (a);
create view v as select id from app.t;
