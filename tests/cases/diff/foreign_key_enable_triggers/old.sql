create table a (id int primary key);
create table b (a int not null, constraint f foreign key (a) references a, constraint g check (a > 0));
