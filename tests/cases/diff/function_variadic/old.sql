create function f(int[]) returns int language sql as 'select 1';
