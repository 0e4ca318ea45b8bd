create table t (a int, constraint a_there check (a is not null));
