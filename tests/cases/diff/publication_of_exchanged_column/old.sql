create table j (id int, s int, at date);
create table k (id int primary key, s int);
alter table j replica identity full;
create publication p for table j where (s > 0), k (id, s);
