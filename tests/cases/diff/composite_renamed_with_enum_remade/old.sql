create type e as enum ('a', 'x', 'b');
create type m as (n int, c e);
create table t (id int, m m default (0, 'a')::m);
