create table t (code text primary key);
