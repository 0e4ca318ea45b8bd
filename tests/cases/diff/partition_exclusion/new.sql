create table e (a int, b int, primary key (a, b)) partition by list (a);
create table e1 partition of e for values in (1);
alter table e1 add constraint own unique (b);
comment on constraint e1_pkey on e1 is 'its own';
