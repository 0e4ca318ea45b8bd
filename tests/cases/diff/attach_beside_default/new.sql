create table p(id int not null, k int, n text default 'a') partition by range(k);
create table d partition of p default;
create table s partition of p for values from (0) to (10);
