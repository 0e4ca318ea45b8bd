create type mood as enum ('a', 'b', 'c');
create table t (m mood, is_a bool generated always as (m = 'a') stored);
