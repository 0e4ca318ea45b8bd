create table b (x int);
create table a (y text);
