create table e (a int, b int, primary key (a)) partition by list (a);
create table e1 partition of e for values in (1);
create index on e (b);
create table r (a int references e);
