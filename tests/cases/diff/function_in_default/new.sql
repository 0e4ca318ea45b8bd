create sequence s;
create function f(int default 0) returns int language sql as 'select $1';
create table t (a int default f());
