create type mood as enum ('sad', 'ok', 'happy''s');
create table t (m mood default 'ok');
