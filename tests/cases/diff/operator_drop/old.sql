create function eq(int, text) returns bool language sql immutable as 'select $1::text = $2';
create operator === (leftarg = int, rightarg = text, function = eq);
create view v as select 1 operator(public.===) '1'::text as same;
