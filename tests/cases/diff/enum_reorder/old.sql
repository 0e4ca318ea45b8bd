create type mood as enum ('a', 'b', 'c');
create table t (m mood);
create index i on t (m);
