create function lt2(int, text) returns bool language sql immutable as 'select $1 < $2::int';
create function gt2(text, int) returns bool language sql immutable as 'select $1::int > $2';
