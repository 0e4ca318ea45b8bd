create table p(id int, k int) partition by range(k);
create table s(id int, k int);
