create table e (a int primary key) partition by range (a);
create table e1 partition of e for values from (0) to (10);
create table r (a int references e);
