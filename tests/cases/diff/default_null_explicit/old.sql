create table t (a int default null, b text default 'x'::text);
