create schema app;
create type app.role as enum ('owner','member');
create table app.orgs(id bigint generated always as identity primary key, name text not null, plan text default 'free' check (plan in ('free','pro')));
create table app.users(id uuid primary key default gen_random_uuid(), org_id bigint not null references app.orgs on delete cascade, email text not null, role app.role not null default 'member', created_at timestamptz not null default now(), unique(org_id,email));
create view app.members as select u.*, o.name as org from app.users u join app.orgs o on o.id=u.org_id;
create function app.current_org() returns bigint language sql stable as $$ select nullif(current_setting('app.org', true),'')::bigint $$;
alter table app.users enable row level security;
create policy u_sel on app.users for select using (org_id = app.current_org());
create index users_email on app.users(lower(email));
