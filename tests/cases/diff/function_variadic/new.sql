create function f(variadic int[]) returns int language sql as 'select 1';
