create table p (a int);
create table c (a int default 4 not null, x int) inherits (p);
