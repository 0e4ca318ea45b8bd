create function lt2(int, text) returns bool language sql immutable as 'select $1 < $2::int';
create function gt2(text, int) returns bool language sql immutable as 'select $1::int > $2';
create operator <<< (leftarg = int, rightarg = text, function = lt2, commutator = >>>);
create operator >>> (leftarg = text, rightarg = int, function = gt2, commutator = <<<);
