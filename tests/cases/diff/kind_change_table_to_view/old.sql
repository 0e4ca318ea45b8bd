create table v (a int);
create table t (a int);
