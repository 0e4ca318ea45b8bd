create table t (a int primary key);
create publication p for table t where (a > 10) with (publish = 'insert');
