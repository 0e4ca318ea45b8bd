create type k as enum ('a', 'b');
create table t (k k);
