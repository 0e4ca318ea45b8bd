create table t (a int, b int);
grant select (a, b) on t to gm_reader;
