create table t (a int, b text not null);
