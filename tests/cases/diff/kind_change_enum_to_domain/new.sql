create domain k as text check (value in ('a', 'b'));
create table t (k k);
