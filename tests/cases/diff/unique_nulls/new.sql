create table t (a int, unique nulls not distinct (a));
