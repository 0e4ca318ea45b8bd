-- What a Supabase project looks like to a migration: roles and schema `auth` belong to others, and
-- default privileges give the API roles everything.
grant usage on schema public to anon, authenticated, service_role;
grant create on schema public to grace_it_supabase;
alter default privileges for role grace_it_supabase in schema public
    grant all on tables to anon, authenticated, service_role;
alter default privileges for role grace_it_supabase in schema public
    grant all on functions to anon, authenticated, service_role;
alter default privileges for role grace_it_supabase in schema public
    grant all on sequences to anon, authenticated, service_role;
-- Not Supabase's, and worse: these hold in every schema.
alter default privileges for role grace_it_supabase
    grant execute on functions to anon, authenticated;
alter default privileges for role grace_it_supabase
    grant usage on schemas to anon, authenticated;

create schema auth authorization grace_it_auth_admin;
grant usage on schema auth to anon, authenticated, service_role, grace_it_supabase;
set role grace_it_auth_admin;
create table auth.users (id uuid primary key, email text);
grant all on auth.users to grace_it_supabase;
create function auth.uid() returns uuid language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
    )::uuid
$$;
create function auth.role() returns text language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.role', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
    )::text
$$;
create function auth.jwt() returns jsonb language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')
    )::jsonb
$$;
reset role;
