create schema app;
create domain app.d as int check (value > 0);
create table t (a app.d);
