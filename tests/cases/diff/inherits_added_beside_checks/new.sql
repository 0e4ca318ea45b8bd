create table base(id int primary key, at timestamptz default now(), check (id > 0));
create table kid(x int) inherits (base);
create table kid2(y int, check (y > 1)) inherits (base);
create view v as select * from base;
