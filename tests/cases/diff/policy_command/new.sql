create table t (id integer primary key, name text, n numeric(10,2));
create policy p on t for update using (id > 0) with check (id > 0);
