create table t (id integer primary key, name text, n numeric(10,2));
create function f() returns bigint language sql begin atomic select count(*) from t; end;
