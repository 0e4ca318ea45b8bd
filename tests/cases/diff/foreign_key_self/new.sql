create table a (id int primary key, up int references a);
