create table t (status varchar(10));
create policy p on t using (status in ('a', 'b', 'c'));
