alter default privileges revoke execute on functions from public;
create function raise(i int, j int) returns int language sql as 'select i';
grant execute on function raise(int,int) to public;
