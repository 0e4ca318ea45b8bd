create schema a;
create table a.t (x int);
