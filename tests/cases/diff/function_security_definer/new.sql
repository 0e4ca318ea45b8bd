create function f() returns int language sql security definer set search_path = pg_catalog, public set work_mem = '8MB' as 'select 1';
