create table t (a int default 5, b timestamptz default now(), c jsonb default '{}');
