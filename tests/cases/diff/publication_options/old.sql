create table t (id int primary key);
create publication p for table t with (publish = 'insert, update');
