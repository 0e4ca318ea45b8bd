create table t (a int, b int);
create statistics s (dependencies) on a, b from t;
