create function a(bigint) returns bigint language sql immutable as 'select $1+1';
create function b(bigint) returns bigint language sql immutable as 'select public.a($1)*3';
create table t(x bigint, y bigint generated always as (b(x)) stored, check (a(x) > 0));
create index on t (b(x));
create aggregate agg(bigint) (sfunc = int8pl, stype = bigint, initcond='0');
create operator === (leftarg=bigint, rightarg=bigint, function=int8eq);
create view v as select agg(x) s from t where x === 3;
