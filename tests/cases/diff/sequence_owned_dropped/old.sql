create table a (x int, y int);
create sequence s owned by a.y;
