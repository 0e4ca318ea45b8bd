create table p(id int, k int, constraint pc check (id>1)) partition by range(k);
create table s(id int, k int, constraint pc check (id>0));
create table s2 partition of p for values from (10) to (20);
