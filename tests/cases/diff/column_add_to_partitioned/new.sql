create table e (a int, b text default 'x' not null) partition by list (a);
create table e1 partition of e for values in (1);
