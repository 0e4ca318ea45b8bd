create table p(id int, k int) partition by range(k);
create index pi on p(id);
create table b partition of p for values from (0) to (10);
create table a(id int, k int);
create index a_id_idx on a(id);
