create table a(id int, constraint c1 check (id>0)); create table b(id int, constraint c1 check (id>0)); create table c(id int);
create table kid(id int, x int); create table kid2(x int) inherits (c, b);
