create table t (a int, gone bool);
create unique index i on t (a) where gone is null;
