create type mood as enum ('a', 'b');
create table e (m mood, x int) partition by list (m);
create table e_a partition of e for values in ('a');
