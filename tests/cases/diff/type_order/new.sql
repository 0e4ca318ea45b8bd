create type a as (x int);
create type b as (y a);
create domain d as b check ((value).y is not null);
create table t (d d, z int);
