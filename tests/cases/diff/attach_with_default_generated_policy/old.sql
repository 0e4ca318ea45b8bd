create table p(id int, k int) partition by range(k);
create table s(id int, k int);
alter table s enable row level security;
create policy s_all on s using (true);
