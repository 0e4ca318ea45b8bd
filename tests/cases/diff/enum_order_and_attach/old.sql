create type e as enum ('a','b');
create table p(id int, e e default 'a') partition by range(id);
create table a partition of p for values from (0) to (10);
create table s(id int, e e);
