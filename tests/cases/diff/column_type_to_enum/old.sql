create type mood as enum ('sad', 'ok');
create table t (m text default 'ok' not null);
