create table a (id int primary key, code int unique);
create table b (a int, c int, constraint f foreign key (c) references a (code));
