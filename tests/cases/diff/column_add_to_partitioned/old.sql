create table e (a int) partition by list (a);
create table e1 partition of e for values in (1);
