create table u(id int primary key, x int);
create publication p1 for table u;
