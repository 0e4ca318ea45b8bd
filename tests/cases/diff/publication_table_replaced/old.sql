create table t (id int primary key) partition by list (id);
create publication p for table t;
