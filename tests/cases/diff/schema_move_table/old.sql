create schema app;
create table t (id serial primary key, a text default 'x');
create index i on t (a);
create view v as select id from t;
