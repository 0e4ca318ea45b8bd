create table t (a int) with (fillfactor = 80, parallel_workers = 2);
