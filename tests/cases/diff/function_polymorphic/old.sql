create function f(anyelement) returns anyelement language sql as 'select $1';
