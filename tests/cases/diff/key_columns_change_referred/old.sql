create table t (a int not null, b int not null, constraint t_pkey primary key (a), constraint t_u unique (a, b));
create table r (a int references t (a), b int, foreign key (a, b) references t (a, b));
