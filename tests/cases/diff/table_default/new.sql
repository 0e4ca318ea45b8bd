create table t (a int default 2, b text default 'x''y', c date);
