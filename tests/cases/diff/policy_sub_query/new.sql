create table t (id integer primary key, name text, n numeric(10,2));
create table m (u name, t int);
create policy p on t using (exists (select from m where m.t = t.id and m.u = current_user));
