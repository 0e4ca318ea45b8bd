create table p (a bigint);
create table c (b int) inherits (p);
