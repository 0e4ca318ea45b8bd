create function neg(text) returns text language sql immutable as 'select reverse($1)';
create operator @@@ (rightarg = text, function = neg);
