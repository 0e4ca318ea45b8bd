create table t (a int, b name);
create policy p on t using (b = current_user);
