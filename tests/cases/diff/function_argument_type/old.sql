create function f(a int) returns int language sql as 'select 1';
grant execute on function f(int) to gm_reader;
comment on function f(int) is 'f';
