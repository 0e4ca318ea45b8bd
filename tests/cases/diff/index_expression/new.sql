create table t (id integer primary key, name text, n numeric(10,2));
create index i on t (lower(name), (n + 1)) where name is not null and name in ('a', 'b');
