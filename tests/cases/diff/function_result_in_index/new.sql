create table t (a int);
create function f(int) returns text language sql immutable as 'select $1::text';
create index i on t (f(a));
