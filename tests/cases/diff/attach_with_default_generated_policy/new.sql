create table p(id int not null, k int default 5, g int generated always as (id*2) stored) partition by range(k);
create table s partition of p for values from (0) to (10);
alter table s enable row level security;
create policy s_all on s using (id > 1);
