create schema b;
create table b.t (x int);
