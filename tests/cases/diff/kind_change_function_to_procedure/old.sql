create function f() returns void language sql as 'select 1';
