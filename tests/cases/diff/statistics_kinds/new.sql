create table t (a int, b int);
create statistics s (ndistinct, mcv) on a, b from t;
