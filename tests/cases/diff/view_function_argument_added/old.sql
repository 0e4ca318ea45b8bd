create table t (a int);
create function f(int) returns int language sql as 'select $1';
create view v as select f(a) from t;
