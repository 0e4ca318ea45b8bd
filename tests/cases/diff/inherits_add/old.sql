create table p (a int, b int);
create table c (a int, b int);
