create table a(id bigint, n text); create table b(id bigint, k int, z text default 'q'); create table c(id bigint, n text, x int) inherits(b);
create index on c(id, k);

