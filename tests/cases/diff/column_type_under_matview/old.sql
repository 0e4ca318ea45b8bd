create table t (a int);
create materialized view m as select a, count(*) from t group by a;
create unique index i on m (a);
grant select on m to gm_reader;
