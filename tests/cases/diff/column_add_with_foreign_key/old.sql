create table r (id int primary key);
create table t (a int);
