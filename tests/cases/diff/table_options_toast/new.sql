create table t (id integer primary key, name text, n numeric(10,2)) with (toast.autovacuum_enabled=false, parallel_workers=2);
