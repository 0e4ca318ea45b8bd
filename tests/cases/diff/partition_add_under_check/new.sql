create table p(id int, k int, constraint pc check (id>0)) partition by range(k);
create table a partition of p for values from (0) to (10);
create table b partition of p for values from (10) to (20);
create table c partition of p for values from (20) to (30) partition by list (id);
create table c1 partition of c for values in (1);
