create table t (a int, b text default null::text);
