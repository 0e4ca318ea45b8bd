create table o(id int primary key);
create table p(id int references o, k int) partition by range(k);
create table s partition of p for values from (0) to (10);
