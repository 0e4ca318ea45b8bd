create table t (a int, b uuid default gen_random_uuid() not null, c timestamptz default clock_timestamp());
