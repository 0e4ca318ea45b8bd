create table t (a text, b int);
alter table t alter a set statistics 500, alter b set (n_distinct=-0.5);
