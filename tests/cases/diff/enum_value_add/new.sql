create type mood as enum ('bad', 'sad', 'ok', 'happy', 'great');
create table t (m mood);
