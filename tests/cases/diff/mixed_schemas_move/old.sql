create schema a; create schema b;
create type a.e as enum('x');
create table a.t(id int primary key, e a.e);
create table b.u(id int references a.t, e a.e);
create view b.v as select * from a.t;
create function a.f(a.t) returns int language sql as 'select $1.id';
