create table e (a int, b text) partition by list (a);
create table e1 (b text, a int);
alter table e attach partition e1 for values in (1);
