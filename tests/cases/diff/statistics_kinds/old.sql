create table t (a int, b int);
create statistics s (ndistinct) on a, b from t;
