create table a(id int primary key, b_id int);
create table b(id int primary key, a_id int references a);
alter table a add foreign key (b_id) references b;
create table c(a_id int references a on update cascade, b_id int references b, primary key(a_id,b_id));
