create type addr as (street text, zip bigint);
create table t(id int, a addr[]);
create function g(x addr[]) returns int language sql as 'select 1';
create domain da as addr check ((value).zip > 0);
create table u(d da);
