create table t (a int, b int generated always as (1 + 1) stored);
