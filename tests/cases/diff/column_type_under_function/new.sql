create table t (a bigint, b text);
create function f(t) returns text language sql stable as 'select $1.b';
