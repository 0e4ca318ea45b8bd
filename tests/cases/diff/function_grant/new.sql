create function f() returns int language sql as $$select 1$$;
revoke execute on function f() from public;
grant execute on function f() to gm_reader with grant option;
alter function f() owner to gm_writer;
comment on function f() is 'f';
