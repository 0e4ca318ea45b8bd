create table t (a int, b int);
create materialized view m as select a, b from t;
create unique index i on m (a);
create index j on m (b) where b > 0;
