create table a (id int primary key);
create table b (a int default 0, constraint f foreign key (a) references a on update cascade);
