create table e (a int, b int, constraint c check (b > 0)) partition by list (a);
create table e1 partition of e (constraint d check (b < 50)) for values in (1) partition by range (b);
create table e1a partition of e1 for values from (0) to (10);
