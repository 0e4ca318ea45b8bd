create table t (id integer primary key, name text, n numeric(10,2), added timestamptz not null default now(), tags text[] not null default '{}');
