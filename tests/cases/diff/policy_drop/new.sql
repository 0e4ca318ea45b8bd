create table t (a int);
alter table t enable row level security;
create policy q on t for insert with check (a > 0);
