create table t (id integer primary key, name text, n numeric(10,2)) with (fillfactor=70, autovacuum_enabled=false);
