create table e (a int) partition by list (a);
create table f (a int) partition by list (a);
create table e1 partition of f for values in (1);
