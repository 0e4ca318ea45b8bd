set check_function_bodies = off;
create function a() returns int language sql as 'select 1';
