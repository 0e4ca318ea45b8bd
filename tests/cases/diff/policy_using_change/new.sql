create table t (a int, b int);
create policy p on t using (b > 0);
