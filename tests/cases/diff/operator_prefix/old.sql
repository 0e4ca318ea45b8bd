create function neg(text) returns text language sql immutable as 'select reverse($1)';
