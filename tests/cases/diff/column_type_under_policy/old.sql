create table t (id int, who varchar(20));
alter table t enable row level security;
create policy p on t to gm_reader using (who = current_user);
