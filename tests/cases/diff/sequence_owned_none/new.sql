create table a (x int);
create sequence s;
