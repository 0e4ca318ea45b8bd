create table t (a int, status varchar(10));
create index i on t (a) where status in ('x', 'y');
