create function f() returns int language sql as 'select 1';
create type mood as enum ('a');
