create table t (a int primary key deferrable initially deferred);
