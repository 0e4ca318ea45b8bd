create type addr as (street text, zip text);
create table t(id int, a addr);
create view v as select (a).zip from t;
