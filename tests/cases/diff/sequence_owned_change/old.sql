create table a (x int);
create table b (x int);
create sequence s owned by a.x;
