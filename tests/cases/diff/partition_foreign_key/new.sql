create table r (id int primary key);
create table e (a int, r int references r on delete cascade) partition by list (a);
create table e1 partition of e for values in (1);
