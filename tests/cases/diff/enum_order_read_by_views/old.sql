create type e as enum ('a','b','c');
create table t(id int, e e default 'a');
create view v as select * from t where e = 'b';
create view w as select id from v;
create policy pp on t using (e <> 'c');
