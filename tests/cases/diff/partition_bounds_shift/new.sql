create table e (a int) partition by range (a);
create table e1 partition of e for values from (0) to (15);
create table e2 partition of e for values from (15) to (20);
