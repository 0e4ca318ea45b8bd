create table t (a int not null, b int not null, c int not null, constraint t_pkey primary key (a, b), constraint t_u unique (c) deferrable initially deferred);
