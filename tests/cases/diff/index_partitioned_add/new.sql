create table e (a int, b int) partition by list (a);
create table e1 partition of e for values in (1);
create table e2 partition of e for values in (2) partition by range (b);
create table e2a partition of e2 for values from (0) to (9);
create index i on e (b);
