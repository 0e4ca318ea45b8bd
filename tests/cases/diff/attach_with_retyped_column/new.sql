create table p(id bigint, k int) partition by range(k);
create table s partition of p for values from (0) to (10);
