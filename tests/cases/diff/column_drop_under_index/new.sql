create table t (a int);
create index j on t (a);
