create table t (a int, b int constraint positive check (b > 0) constraint b_key unique);
