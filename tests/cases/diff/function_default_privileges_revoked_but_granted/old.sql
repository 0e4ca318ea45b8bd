alter default privileges revoke execute on functions from public;
create function raise(i int) returns int language sql as 'select i';
grant execute on function raise(int) to public;
