create table t (a int, b int, constraint ab unique (a) include (b), constraint d unique (b) deferrable initially deferred);
