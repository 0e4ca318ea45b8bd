create table a (id int);
create unique index i on a (id);
create table b (a int);
