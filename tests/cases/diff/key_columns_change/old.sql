create table t (a int not null, b int not null, c int not null, constraint t_pkey primary key (a), constraint t_u unique (b, c));
