create type pair as (a int, b bigint);
create function f(p pair) returns setof pair language sql as 'select p';
create view v as select (f(null)).a as a;
