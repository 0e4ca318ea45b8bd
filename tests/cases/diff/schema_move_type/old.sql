create schema app;
create domain d as int check (value > 0);
create table t (a d);
