create unlogged table a (id int primary key);
create unlogged table b (a int references a);
