create table t (a interval day to second(2), b timetz, c timestamptz(0));
