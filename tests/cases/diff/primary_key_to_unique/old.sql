create table t (a int primary key);
create table r (a int references t);
