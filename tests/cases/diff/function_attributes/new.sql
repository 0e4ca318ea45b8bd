create function f(int) returns int language sql immutable strict leakproof parallel safe cost 7 as 'select 1';
