create table t (id integer primary key, name text, n numeric(10,2));
create table u (a int primary key, b int);
create publication p for table t, u (a) where (a > 0) with (publish = 'insert, update');
create publication q for all tables with (publish_via_partition_root);
comment on publication p is 'p';
