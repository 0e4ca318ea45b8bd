create function eq(int, text) returns bool language sql immutable as 'select $1::text = $2';
create operator === (leftarg = int, rightarg = text, function = eq, restrict = eqsel, join = eqjoinsel);
comment on operator === (int, text) is 'loosely';
