create type addr as (street text, zip int, gone int);
create table t(id int, a addr, b addr default row('x',1,2));
create materialized view mv as select (a).zip, id from t;
create unique index on mv(id);
