create table t (id integer primary key, name text, n numeric(10,2));
comment on table t is 'it';
comment on column t.name is 'its name';
comment on constraint t_pkey on t is 'key';
