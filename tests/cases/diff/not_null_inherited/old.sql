create table p (a int);
create table c () inherits (p);
alter table c alter a set not null;
