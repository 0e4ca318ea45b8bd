create table o(id int primary key);
create table p(id int references o, k int) partition by range(k);
create table solo(id int references o, k int);
create table p1 partition of p for values from (10) to (20);
