create table t (a int, b text);
create index i on t (a) where a > 0;
create unique index u on t (b, (a + 1));
