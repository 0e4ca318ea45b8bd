create table t (a int, b int);
create policy p on t using (a > 0);
