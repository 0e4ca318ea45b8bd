create table u (a int);
create type mood as enum ('ok', 'happy');
create table t (m mood);
