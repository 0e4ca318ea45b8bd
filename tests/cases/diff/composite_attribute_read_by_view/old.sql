create type addr as (street text, zip int);
create table t(id int, a addr);
create view v as select (a).zip from t;
