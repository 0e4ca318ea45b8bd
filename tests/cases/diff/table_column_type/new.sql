create table t (a bigint, b varchar(20), c timestamptz);
