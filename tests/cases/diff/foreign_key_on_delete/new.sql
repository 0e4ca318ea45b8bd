create table a (id int primary key);
create table b (a int, constraint f foreign key (a) references a on delete set null);
create table c (a int, constraint f foreign key (a) references a on delete restrict);
