create type mood as enum ('sad', 'ok');
create domain code as text;
create type secret as (a int);
revoke usage on type secret from public;
alter default privileges revoke usage on types from public;
create table t (id int, m mood);
