create table t (a bigint, b int);
create statistics s (dependencies) on a, b from t;
