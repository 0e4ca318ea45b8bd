create table t (id integer primary key, name text, n numeric(10,2));
create materialized view m as select id from t;
create index mi on m (id);
