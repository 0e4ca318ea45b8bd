create table t (a int);
create view v as select a::bigint from t;
grant select (a) on v to gm_reader;
