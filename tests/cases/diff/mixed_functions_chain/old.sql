create function a(int) returns int language sql immutable as 'select $1+1';
create function b(int) returns int language sql immutable as 'select public.a($1)*2';
create table t(x int, y int generated always as (b(x)) stored, check (a(x) > 0));
create index on t (b(x));
create aggregate agg(int) (sfunc = int4pl, stype = int, initcond='0');
create operator === (leftarg=int, rightarg=int, function=int4eq);
create view v as select agg(x) s from t where x === 3;
