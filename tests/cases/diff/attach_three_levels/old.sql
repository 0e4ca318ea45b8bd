create table p(id int, k int, r text) partition by range(k);
create table p1 partition of p for values from (0) to (10) partition by list(r);
create table p1a partition of p1 for values in ('a');
create table s(id int, k int, r text);
