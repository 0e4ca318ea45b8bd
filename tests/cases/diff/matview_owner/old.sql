create table t (a int);
create materialized view m as select a from t;
grant select on t to gm_writer;
