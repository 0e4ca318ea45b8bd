create table t (a int);
create function f(int, int) returns int language sql as 'select $1 + $2';
create view v as select f(a, 1) from t;
