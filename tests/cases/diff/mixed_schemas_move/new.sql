create schema b; create schema c;
create type b.e as enum('x');
create table c.t(id int primary key, e b.e);
create table b.u(id int references c.t, e b.e);
create view b.v as select * from c.t;
create function c.f(c.t) returns int language sql as 'select $1.id';
