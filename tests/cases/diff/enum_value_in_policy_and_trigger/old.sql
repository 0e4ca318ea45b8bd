create type st as enum ('open','done');
create table j(id int primary key, s st not null, owner text);
alter table j enable row level security;
create policy own on j using (owner = current_user);
create policy res on j as restrictive for select to gm_reader using (s <> 'done');
grant select, update on j to gm_reader;
create function guard() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
create trigger g before update on j for each row when (old.s = 'done') execute function guard();
