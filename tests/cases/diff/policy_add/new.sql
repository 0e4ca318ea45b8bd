create table t (id integer primary key, name text, n numeric(10,2));
alter table t enable row level security;
create policy p on t for select to gm_reader, gm_writer using (id > 0);
create policy q on t as restrictive for all using (name in ('a','b')) with check (name = current_user);
comment on policy p on t is 'p';
