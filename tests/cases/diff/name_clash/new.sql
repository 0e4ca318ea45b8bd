create schema a;
create schema b;
create table a.t (id int primary key);
create table b.t (id int primary key references a.t);
create view b.v as select a.id from a.t as a join b.t as b using (id);
