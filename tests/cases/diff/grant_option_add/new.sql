create table t (a int);
grant select on t to gm_reader with grant option;
