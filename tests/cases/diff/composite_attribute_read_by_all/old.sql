create type addr as (street text, zip int);
create table t(id int, a addr);
create view v as select (a).zip, id from t;
create function f(addr) returns int language sql immutable as 'select $1.zip';
create index ti on t(((a).zip));
