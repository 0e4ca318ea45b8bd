create table t (a integer, b varchar(10), c timestamp);
