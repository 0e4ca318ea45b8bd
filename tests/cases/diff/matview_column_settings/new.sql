create table t (a text);
create materialized view m as select a from t;
alter materialized view m alter a set storage external;
alter materialized view m alter a set compression pglz;
