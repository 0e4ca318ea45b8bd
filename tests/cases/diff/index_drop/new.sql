create table t (a int, b int);
create index j on t (b);
