create table p(id int, k int, pid int, primary key(id,k), foreign key (pid,k) references p) partition by range(k);
create table a partition of p for values from (0) to (10);
create table b partition of p for values from (10) to (20);
