create table t (id int primary key) partition by range (id);
create publication p for table t;
