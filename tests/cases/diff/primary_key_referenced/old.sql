create table t (a int primary key, b int unique);
create table r (a int references t);
