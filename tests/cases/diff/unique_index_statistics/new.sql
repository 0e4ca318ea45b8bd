create table t (a int, b int);
create unique index u on t (a, (b + 1));
alter index u alter column 2 set statistics 300;
