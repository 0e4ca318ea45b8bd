create table p(id int not null, k int, x int) partition by range(k);
create table s(id int, k int, y text);
