create table t (a int unique, b int primary key);
create table r (a int references t);
