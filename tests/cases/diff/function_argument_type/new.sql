create function f(a bigint) returns int language sql as 'select 1';
grant execute on function f(bigint) to gm_reader;
comment on function f(bigint) is 'f';
