create table t (a int, j jsonb);
