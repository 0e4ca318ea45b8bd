create table t (a int);
create table m (u name, a int);
create policy p on t using (a in (select m.a from m where u = current_user));
