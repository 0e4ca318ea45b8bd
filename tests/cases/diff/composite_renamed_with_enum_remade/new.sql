create type e as enum ('a', 'b');
create type pair as (n bigint, c e);
create table t (id int, m pair default (0, 'a')::pair);
