create table t (id int, who text);
alter table t enable row level security;
create policy p on t to gm_reader using (who = current_user);
