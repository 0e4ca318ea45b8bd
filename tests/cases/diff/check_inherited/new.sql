create table p (a int);
create table c (b int) inherits (p);
alter table p add constraint positive check (a > 0);
