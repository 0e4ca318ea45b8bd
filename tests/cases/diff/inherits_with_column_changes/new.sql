create table p(id bigint, k int, x text);
create table c() inherits (p);
create table d(id bigint, k int, y int);
