create table t (a int);
alter table t add constraint c check (a > 0) not valid;
