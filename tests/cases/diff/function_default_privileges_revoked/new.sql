create function raise(i int, j int) returns int language sql as 'select i';
alter default privileges revoke execute on functions from public;
