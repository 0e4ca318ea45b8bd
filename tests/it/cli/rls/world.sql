create schema auth;
create table auth.users (id uuid primary key, email text);
create function auth.uid() returns uuid language sql stable set search_path = ''
    as $$ select nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$;
create function auth.jwt() returns jsonb language sql stable set search_path = ''
    as $$ select current_setting('request.jwt.claims', true)::jsonb $$;
grant usage on schema auth to anon, authenticated;
create schema extensions;
create foreign data wrapper nothing;
create server elsewhere foreign data wrapper nothing;
create table members (user_id uuid, team_id int, primary key (user_id, team_id));
alter table members enable row level security;
create policy own on members for select to authenticated using (user_id = (select auth.uid()));
grant select on members to authenticated;
