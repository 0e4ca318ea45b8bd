create table t (a interval, b time, c timestamptz);
