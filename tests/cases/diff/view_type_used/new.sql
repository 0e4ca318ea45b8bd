create table t (a int);
create view v as select a, a + 1 as b from t;
create function f(v) returns int language sql as 'select $1.a';
