create table t (a int primary key, b int unique);
comment on index t_b_key is 'new';
