create table p (a int);
create table c (b int) inherits (p);
