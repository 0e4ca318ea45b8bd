create table t (a int primary key, b int unique, c int, check (a > b), check (b > c), constraint named check (c > 0), unique (b, c));
