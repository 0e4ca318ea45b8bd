create table t (a int, b int);
alter table t alter b set (n_distinct = 5);
