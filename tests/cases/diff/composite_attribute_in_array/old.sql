create type addr as (street text, zip varchar(5));
create table p (id int primary key, addrs addr[], a addr);
create view v as select id, addrs[1] as first, (a).zip from p;
