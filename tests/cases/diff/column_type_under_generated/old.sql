create table t (a int, twice bigint generated always as (a * 2) stored);
