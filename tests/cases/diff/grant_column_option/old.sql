create table t (a int, b int);
grant update (a) on t to gm_reader;
