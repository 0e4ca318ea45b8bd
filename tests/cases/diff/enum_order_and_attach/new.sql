create type e as enum ('b','a');
create table p(id int, e e default 'b') partition by range(id);
create table a(id int, e e default 'a');
create table s partition of p for values from (0) to (10);
