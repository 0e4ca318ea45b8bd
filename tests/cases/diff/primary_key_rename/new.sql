create table t (a int constraint the_key primary key);
