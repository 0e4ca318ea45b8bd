create table t (a int default 6, b timestamptz default clock_timestamp(), c jsonb default '{"a": 1}');
