create table t (id integer primary key, name text, n numeric(10,2));
create materialized view m as select id, name from t;
create index mi on m (id);
comment on materialized view m is 'm';
grant select on m to gm_reader;
