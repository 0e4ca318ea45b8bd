create table e (a int) partition by list (a);
create table e1 (a int);
alter table e attach partition e1 for values in (1);
