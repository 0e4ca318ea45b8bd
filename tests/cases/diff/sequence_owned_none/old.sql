create table a (x int);
create sequence s owned by a.x;
