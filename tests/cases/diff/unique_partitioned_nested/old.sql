create table p (a int, b int, c int) partition by range (a);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20) partition by range (b);
create table p21 partition of p2 for values from (0) to (10);
