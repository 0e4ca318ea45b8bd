create schema app;
create sequence app.s start 7;
create table t (a int default nextval('app.s'));
