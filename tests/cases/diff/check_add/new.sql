create table t (a int check (a > 0), constraint limits check (a < 10 and a <> 5));
