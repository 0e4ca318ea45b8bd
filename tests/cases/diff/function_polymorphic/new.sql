create function f(anyarray) returns anyelement language sql as 'select $1[1]';
