create type addr as (street text, zip text, came int);
create table t(id int, a addr, b addr default row('x','1',3));
create materialized view mv as select (a).zip, id from t;
create unique index on mv(id);
