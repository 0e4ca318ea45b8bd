create table e (a int primary key) partition by list (a);
create table e1 partition of e for values in (1);
create index on e1 (a);
create view v as select * from e;
