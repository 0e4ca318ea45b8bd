create table t (a int);
create index i on t using hash (a);
