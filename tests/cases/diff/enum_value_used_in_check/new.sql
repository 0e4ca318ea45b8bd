create type mood as enum ('sad', 'ok', 'happy');
create table t (m mood, check (m <> 'happy'));
create index i on t (m) where m = 'happy';
