create table e (a int, b int) partition by range (a, b);
create table e1 partition of e for values from (0, 0) to (10, 0);
