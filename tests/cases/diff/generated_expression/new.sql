create table t (a text, b text generated always as (lower(a)) stored);
create index i on t (b);
create view v as select b from t;
