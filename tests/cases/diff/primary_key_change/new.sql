create table t (a int, b int not null, primary key (a, b));
alter table t alter a set not null;
