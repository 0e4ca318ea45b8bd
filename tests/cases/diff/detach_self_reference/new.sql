create table p(id int, k int, pid int, primary key(id,k), foreign key (pid,k) references p) partition by range(k);
create table a partition of p for values from (0) to (15);
create table b(id int, k int, pid int, primary key(id,k));
