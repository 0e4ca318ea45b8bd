set check_function_bodies = off;
create function a() returns int language sql as 'select b()';
create function b() returns int language sql as 'select 1';
