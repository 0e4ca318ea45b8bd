alter default privileges revoke usage on types from public;
create table t (id int);
