create function raise(i int) returns int language sql as 'select i';
revoke execute on function raise(int) from public;
alter default privileges revoke execute on functions from public;
