create type pair as (a int, b int);
create function f() returns pair language sql as 'select row(1, 2)::pair';
