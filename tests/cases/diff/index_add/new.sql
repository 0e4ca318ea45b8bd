create table t (id integer primary key, name text, n numeric(10,2));
create index on t (name);
create unique index u on t (n desc nulls last, name text_pattern_ops);
