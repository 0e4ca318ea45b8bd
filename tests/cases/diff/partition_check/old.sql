create table e (a int, b int, constraint c check (b > 0)) partition by list (a);
create table e1 partition of e for values in (1);
