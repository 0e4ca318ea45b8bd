create table t (a int);
grant select (a) on t to gm_reader;
