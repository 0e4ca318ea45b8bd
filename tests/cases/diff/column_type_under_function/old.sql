create table t (a int, b text);
create function f(t) returns text language sql stable as 'select $1.b';
