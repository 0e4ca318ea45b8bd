create table t (a int, b int);
alter table t alter a set statistics 500;
alter table t alter b set statistics 0;
