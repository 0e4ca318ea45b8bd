create table p(id int, k int, constraint pc check (id>0)) partition by range(k);
create table s partition of p for values from (0) to (10);
create table s2 partition of p for values from (10) to (20);
