create table t (a int, b int, constraint d check (b > 0));
