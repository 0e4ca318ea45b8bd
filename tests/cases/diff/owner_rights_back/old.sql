create table t (a int);
create function f() returns int language sql as 'select 1';
revoke insert on t from current_user;
revoke all on function f() from current_user;
