create table t (a int, b int);
create statistics s (ndistinct, dependencies) on a, b from t;
create statistics e on (a + b), (a % 7) from t;
alter statistics s set statistics 50;
comment on statistics s is 's';
