create table t (a int primary key, b int);
create index i on t (b);
alter table t cluster on t_pkey;
