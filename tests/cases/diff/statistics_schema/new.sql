create schema app;
create table t (a int, b int);
create statistics app.s on a, b from t;
