create function f() returns int language sql as 'select 1';
create type mood as enum ('a');
revoke all on function f() from public;
revoke all on type mood from public;
