create table t (a int);
create policy p on t using (a > 0);
alter table t enable row level security, force row level security;
