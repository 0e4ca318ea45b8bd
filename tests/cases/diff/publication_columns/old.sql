create table t (id int primary key, a int, b int);
create publication p for table t (id, a);
