create table t (a int);
create policy p on t with check (a > 1);
