create table p(id int, k int) partition by range(k);
create index pi on p(id);
create table a partition of p for values from (0) to (10);
create table b(id int, k int);
create index b_id_idx on b(id);
