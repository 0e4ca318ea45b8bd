create table t (a int);
create materialized view m as select a, a * 2 as twice from t;
create unique index i on m (a);
grant select on m to gm_reader;
