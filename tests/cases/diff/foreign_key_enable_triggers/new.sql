create table a (id int primary key);
create table b (a int not null, constraint g foreign key (a) references a, constraint f check (a > 0));
