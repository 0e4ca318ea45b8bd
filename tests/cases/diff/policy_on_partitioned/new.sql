create table e (a int, u name) partition by list (a);
create table e1 partition of e for values in (1);
alter table e enable row level security;
create policy p on e using (u = current_user);
alter table e1 enable row level security;
create policy p on e1 for select to gm_reader using (false);
