create table p(id int, k int, constraint pc check (id>0)) partition by range(k);
create table s partition of p for values from (0) to (10);
