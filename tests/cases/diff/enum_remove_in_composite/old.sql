create type mood as enum ('a', 'b', 'c');
create type pair as (m mood, n int);
