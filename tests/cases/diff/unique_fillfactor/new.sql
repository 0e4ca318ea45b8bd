create table t (a int, constraint u unique (a) with (fillfactor=50) deferrable);
