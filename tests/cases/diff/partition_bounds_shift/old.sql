create table e (a int) partition by range (a);
create table e1 partition of e for values from (0) to (10);
create table e2 partition of e for values from (10) to (20);
