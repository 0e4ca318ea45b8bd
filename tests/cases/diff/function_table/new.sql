create function f(x int) returns table (a int, b text) language sql rows 10 as $$select x, 'y'$$;
create function g(out a int, inout b text) language sql as $$select 1, 'z'$$;
