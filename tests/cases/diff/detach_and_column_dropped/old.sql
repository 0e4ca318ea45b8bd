create table p(id int, k int, c text, d int default 3) partition by range(k);
create table s partition of p for values from (0) to (10);
create index p_c on p(c);
