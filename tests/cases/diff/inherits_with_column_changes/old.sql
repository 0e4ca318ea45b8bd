create table p(id int, k int);
create table c(id int, k int);
create table d() inherits (p);
