create table inv(id int not null, code text primary key);
