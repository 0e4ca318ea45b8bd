create table o(id int primary key);
create table p(id int, k int) partition by range(k);
create table solo(id int, k int);
create table p1 partition of p for values from (10) to (20);
