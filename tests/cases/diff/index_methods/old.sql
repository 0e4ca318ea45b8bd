create table t (a int[], p point, x text);
