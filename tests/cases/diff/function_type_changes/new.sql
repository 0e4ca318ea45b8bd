create table t (a int, b int);
create function f() returns setof t language sql as 'select * from t';
