create table p(id int, k int, primary key(id,k)) partition by range(k);
create table p1 partition of p for values from (10) to (20);
create table s(id int, k int, primary key(id,k));
