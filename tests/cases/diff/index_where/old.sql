create table t (a int, gone bool);
create index i on t (a) where gone;
