create function f() returns int language sql as 'select 1';
alter function f() owner to gm_writer;
