create table t (a int, b int, c int);
comment on column t.a is 'new';
comment on column t.c is 'added';
