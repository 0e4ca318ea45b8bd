create table t (a int, c int not null);
