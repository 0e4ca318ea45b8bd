create table a (id int primary key);
create table b (a int constraint f references a);
comment on constraint f on b is 'where from';
