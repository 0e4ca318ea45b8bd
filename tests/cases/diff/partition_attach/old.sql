create table e (a int) partition by list (a);
create table e1 (a int);
