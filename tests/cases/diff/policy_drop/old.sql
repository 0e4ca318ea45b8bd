create table t (a int);
alter table t enable row level security;
create policy p on t using (a > 0);
create policy q on t for insert with check (a > 0);
