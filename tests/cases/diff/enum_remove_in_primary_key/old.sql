create type mood as enum ('a', 'b', 'c');
create table t (m mood primary key);
create table r (m mood references t);
