create schema app;
create sequence s start 7;
create table t (a int default nextval('s'));
