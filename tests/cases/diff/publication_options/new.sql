create table t (id int primary key);
create publication p for table t with (publish = 'insert, delete, truncate', publish_via_partition_root = true);
