create table t (id integer primary key, name text, n numeric(10,2));
create materialized view m as select id, count(*) as k from t group by id;
create unique index on m (id);
create materialized view e with (fillfactor=50) as select 1 as a with no data;
