create table t (a varchar(30), b bigint);
