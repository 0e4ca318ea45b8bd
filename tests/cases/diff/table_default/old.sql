create table t (a int default 1, b text, c date default current_date);
