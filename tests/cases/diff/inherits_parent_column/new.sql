create table p (a int, x text);
create table c (b int) inherits (p);
