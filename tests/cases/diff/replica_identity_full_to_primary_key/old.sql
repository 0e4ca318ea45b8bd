create table u(id int, x int) ; alter table u replica identity full;
create publication p1 for table u;
