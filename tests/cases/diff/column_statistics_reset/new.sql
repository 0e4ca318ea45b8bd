create table t (a int, b int);
alter table t alter b set statistics 100;
