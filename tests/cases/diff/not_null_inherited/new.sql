create table p (a int);
create table c () inherits (p);
alter table p alter a set not null;
