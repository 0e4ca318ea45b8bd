create table p (a int, constraint positive check (a > 0));
create table c (b int) inherits (p);
