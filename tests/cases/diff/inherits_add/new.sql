create table p (a int, b int);
create table c () inherits (p);
