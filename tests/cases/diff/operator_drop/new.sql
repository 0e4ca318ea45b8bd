create function eq(int, text) returns bool language sql immutable as 'select $1::text = $2';
