create table t (a int, b int, c int);
comment on column t.a is 'old';
comment on column t.b is 'gone';
