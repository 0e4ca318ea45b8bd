create type mood as enum ('a', 'b');
create type pair as (m mood, n int);
