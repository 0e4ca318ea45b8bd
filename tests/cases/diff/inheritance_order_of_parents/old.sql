create table a(id int, constraint c1 check (id>0)); create table b(id int, constraint c1 check (id>0)); create table c(id int);
create table kid(x int) inherits(a,b); create table kid2(x int) inherits (a, b, c);
