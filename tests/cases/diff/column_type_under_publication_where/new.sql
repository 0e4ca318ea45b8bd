create table t (a bigint primary key);
create publication p for table t where (a > 10) with (publish = 'insert');
