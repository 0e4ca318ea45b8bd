create table t (a int, b int);
grant select (a, b), insert (a) on t to gm_reader;
