create table t (a int);
create materialized view m with (autovacuum_enabled = false) as select a from t;
