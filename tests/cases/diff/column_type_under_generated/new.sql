create table t (a bigint, twice bigint generated always as (a * 2) stored);
