create table t (a int, b int);
create statistics s on (a % 10), b from t;
create statistics one on (mod(b, 7)) from t;
