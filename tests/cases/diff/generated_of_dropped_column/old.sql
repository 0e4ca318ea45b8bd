create table t (a int, c int, b int generated always as (a + c) stored);
