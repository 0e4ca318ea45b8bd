create table t (a numeric(8,2), constraint c check (a > 0));
