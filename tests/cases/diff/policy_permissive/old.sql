create table t (a int);
create policy p on t as permissive using (a > 0);
