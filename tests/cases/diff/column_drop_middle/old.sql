create table t (a int, b int default 3, c int not null);
comment on column t.b is 'b';
grant select (b) on t to gm_reader;
