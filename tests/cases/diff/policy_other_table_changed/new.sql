create table t (a int);
create table m (u text, a bigint);
create policy p on t using (a in (select m.a from m where u = current_user));
