create table t (a int);
create table x (a int);
