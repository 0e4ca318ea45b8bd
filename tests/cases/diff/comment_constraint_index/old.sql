create table t (a int primary key, b int unique);
comment on index t_pkey is 'old';
