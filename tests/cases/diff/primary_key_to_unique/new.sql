create table t (a int not null unique);
create table r (a int references t (a));
