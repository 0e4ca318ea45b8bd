create table parent(id int, kind text, tenant int default 1);
create table child_b(id int, kind text, tenant int default 1, extra int);
create table child_c(x int) inherits (parent);
