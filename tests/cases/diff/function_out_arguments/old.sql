create function f(out a int, out b int) language sql as 'select 1, 2';
