create table p (a int, b int);
create table c (x int) inherits (p);
