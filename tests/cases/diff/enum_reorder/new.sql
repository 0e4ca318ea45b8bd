create type mood as enum ('c', 'a', 'b');
create table t (m mood);
create index i on t (m);
