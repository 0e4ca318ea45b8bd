create table t (a int, b int, constraint u unique (a) include (b));
