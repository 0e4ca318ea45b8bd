create table p (a int default 1, b int);
create table c (x int) inherits (p);
