create table a(id int, n text); create table b(id int, k int); create table c(x int) inherits(a,b);
create index on c(id);
