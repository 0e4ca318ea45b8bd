create table e (a int) partition by range (a);
create table e1 partition of e for values from (1) to (2);
