create table p (a int);
create table q (b int);
create table c (x int) inherits (p, q);
