create table p(id int, k int) partition by range(k);
create table s(id int not null, k int not null);
create table s2 partition of p for values from (10) to (20);
