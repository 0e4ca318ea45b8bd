create table t (id uuid primary key, a int);
