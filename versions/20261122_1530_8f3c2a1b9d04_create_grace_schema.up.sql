-- revision: 8f3c2a1b9d04
-- created: 2026-11-22T15:30:00Z
-- message: create the GRACE schema

-- The tables of GRACE, closed: row-level security is on and no API role has any right. Revision
-- c41e7d90b2aa opens them, by policies and grants. Every table is closed in the transaction that
-- makes it, because on Supabase default privileges have given it to the API roles by then.
-- With psql, run this file with --single-transaction.

-- Every name below is in full, so that nothing somebody put into "public" is called instead.
set local search_path = '';

-- What Supabase has and plain PostgreSQL has not ------------------------------------------------

-- Roles belong to the whole cluster: another database may make them at this very moment, and the
-- loser of that race has what it wants. All make them in one order, so that no two wait for each
-- other. What exists is never altered, and a downgrade drops none.
do $roles$
declare
    missing constant text[] := array(
        select wanted.name
          from unnest(array['anon', 'authenticated', 'service_role']) as wanted (name)
         where not exists (select from pg_catalog.pg_roles r where r.rolname = wanted.name)
         order by wanted.name);
    role_name text;
begin
    foreach role_name in array missing loop
        begin
            execute format('create role %I nologin noinherit', role_name);
        exception
            when duplicate_object or unique_violation then
                continue;
            when insufficient_privilege then
                raise exception using
                    errcode = 'insufficient_privilege',
                    message = format('%s missing: %s; role %I may not create roles',
                        case cardinality(missing) when 1 then 'a role is' else 'roles are' end,
                        array_to_string(missing, ', '), current_user),
                    hint = 'Let a superuser run: ' || (
                        select string_agg(format('create role %I nologin noinherit%s;', m.name,
                                   case m.name when 'service_role' then ' bypassrls' end), ' '
                                   order by m.name)
                          from unnest(missing) as m (name));
        end;
        if role_name = 'service_role' then
            begin
                alter role service_role bypassrls;
            exception when insufficient_privilege then
                -- Only a superuser may give it (from PostgreSQL 16 on, also who has it). The
                -- policies of c41e7d90b2aa serve the role without it.
                null;
            end;
        end if;
    end loop;
end
$roles$;

-- Schema `auth` and its functions: each is made only where it is missing, and says in its comment
-- that it is ours, so that the down script drops nobody else's.
do $auth$
begin
    if to_regnamespace('auth') is null then
        create schema auth;
        comment on schema auth is 'Who makes the request (made by grace-migrate revision 8f3c2a1b9d04)';
        revoke all on schema auth from public;
        grant usage on schema auth to anon, authenticated, service_role;
    end if;

    if to_regprocedure('auth.jwt()') is null then
        create function auth.jwt() returns jsonb
        language sql stable parallel safe
        set search_path = ''
        as $body$
            select nullif(current_setting('request.jwt.claims', true), '')::jsonb
        $body$;
        comment on function auth.jwt() is
            'The claims of the request (made by grace-migrate revision 8f3c2a1b9d04)';
        revoke all on function auth.jwt() from public;
        grant execute on function auth.jwt() to anon, authenticated, service_role;
    end if;

    if to_regprocedure('auth.uid()') is null then
        create function auth.uid() returns uuid
        language sql stable parallel safe
        set search_path = ''
        as $body$
            select nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')::uuid
        $body$;
        comment on function auth.uid() is
            'The user who makes the request (made by grace-migrate revision 8f3c2a1b9d04)';
        revoke all on function auth.uid() from public;
        grant execute on function auth.uid() to anon, authenticated, service_role;
    end if;

    if to_regprocedure('auth.role()') is null then
        create function auth.role() returns text
        language sql stable parallel safe
        set search_path = ''
        as $body$
            select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
        $body$;
        comment on function auth.role() is
            'The role that the request claims (made by grace-migrate revision 8f3c2a1b9d04)';
        revoke all on function auth.role() from public;
        grant execute on function auth.role() to anon, authenticated, service_role;
    end if;
end
$auth$;

-- Tables ----------------------------------------------------------------------------------------

-- RLS is enabled and not forced. API requests run under roles that own nothing, so it binds all
-- of them. FORCE would bind the owner too, who need not bypass RLS: data migrations would change
-- no rows and report success, and the owner's functions that policies ask would be answered by
-- those same policies.

create table public.profiles (
    id uuid primary key default auth.uid(),
    email text not null check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    full_name text check (btrim(full_name) <> ''),
    phone text check (phone ~ '^\+?[0-9][0-9 ()./-]{1,30}$'),
    birth_date date check (birth_date >= date '1850-01-01'),
    locale text not null default 'en' check (locale ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$'),
    time_zone text not null default 'UTC' check (time_zone ~ '^[A-Za-z0-9_+/-]{1,64}$'),
    preferences jsonb not null default '{}' check (jsonb_typeof(preferences) = 'object'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
alter table public.profiles enable row level security;
revoke all on table public.profiles from public, anon, authenticated, service_role;
comment on table public.profiles is 'A person; the id is that of the auth user.';
comment on column public.profiles.email is
    'As the auth system knows it, which also decides whether it is unique.';

create table public.caregiver_relations (
    id uuid primary key default gen_random_uuid(),
    caregiver_id uuid not null references public.profiles (id) on delete cascade,
    profile_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
    status text not null default 'pending' check (status in ('pending', 'active', 'revoked')),
    created_at timestamptz not null default now(),
    unique (profile_id, caregiver_id),
    check (caregiver_id <> profile_id)
);
alter table public.caregiver_relations enable row level security;
revoke all on table public.caregiver_relations from public, anon, authenticated, service_role;
create index on public.caregiver_relations (caregiver_id, status, profile_id);
comment on table public.caregiver_relations is
    'Who cares for whom. Only an active relation lets the caregiver read.';
comment on column public.caregiver_relations.profile_id is 'The managed person.';

create table public.sessions (
    id uuid primary key default gen_random_uuid(),
    profile_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
    title text check (btrim(title) <> ''),
    started_at timestamptz not null default now(),
    ended_at timestamptz,
    created_at timestamptz not null default now(),
    check (ended_at >= started_at)
);
alter table public.sessions enable row level security;
revoke all on table public.sessions from public, anon, authenticated, service_role;
create index on public.sessions (profile_id, started_at, id);
comment on table public.sessions is 'A conversation of a person with GRACE.';

create table public.chat_turns (
    id uuid primary key default gen_random_uuid(),
    session_id uuid not null references public.sessions (id) on delete cascade,
    speaker text not null default 'user' check (speaker in ('user', 'assistant', 'system')),
    content text not null check (content <> ''),
    created_at timestamptz not null default clock_timestamp()
);
alter table public.chat_turns enable row level security;
revoke all on table public.chat_turns from public, anon, authenticated, service_role;
create index on public.chat_turns (session_id, created_at, id);
comment on column public.chat_turns.created_at is
    'By the clock, not the transaction, so that turns stored together keep their order.';

create table public.notes (
    id uuid primary key default gen_random_uuid(),
    session_id uuid not null references public.sessions (id) on delete cascade,
    body text not null check (body <> ''),
    created_at timestamptz not null default now()
);
alter table public.notes enable row level security;
revoke all on table public.notes from public, anon, authenticated, service_role;
create index on public.notes (session_id, created_at, id);

create table public.medications (
    id uuid primary key default gen_random_uuid(),
    profile_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
    name text not null check (btrim(name) <> ''),
    dosage text check (btrim(dosage) <> ''),
    schedule jsonb not null default '{}' check (jsonb_typeof(schedule) in ('object', 'array')),
    created_at timestamptz not null default now()
);
alter table public.medications enable row level security;
revoke all on table public.medications from public, anon, authenticated, service_role;
create index on public.medications (profile_id, created_at, id);

create table public.activities (
    id uuid primary key default gen_random_uuid(),
    name text not null unique check (btrim(name) <> ''),
    description text,
    created_at timestamptz not null default now()
);
alter table public.activities enable row level security;
revoke all on table public.activities from public, anon, authenticated, service_role;

create table public.topics (
    id uuid primary key default gen_random_uuid(),
    name text not null unique check (btrim(name) <> ''),
    description text,
    created_at timestamptz not null default now()
);
alter table public.topics enable row level security;
revoke all on table public.topics from public, anon, authenticated, service_role;

create table public.session_activities (
    session_id uuid not null references public.sessions (id) on delete cascade,
    activity_id uuid not null references public.activities (id) on delete cascade,
    created_at timestamptz not null default now(),
    primary key (session_id, activity_id)
);
alter table public.session_activities enable row level security;
revoke all on table public.session_activities from public, anon, authenticated, service_role;
create index on public.session_activities (activity_id);

create table public.session_topics (
    session_id uuid not null references public.sessions (id) on delete cascade,
    topic_id uuid not null references public.topics (id) on delete cascade,
    created_at timestamptz not null default now(),
    primary key (session_id, topic_id)
);
alter table public.session_topics enable row level security;
revoke all on table public.session_topics from public, anon, authenticated, service_role;
create index on public.session_topics (topic_id);

-- Supabase keeps its users in auth.users; plain PostgreSQL has no such table.
do $users$
begin
    if to_regclass('auth.users') is null then
        return;
    end if;
    if not has_table_privilege('auth.users', 'references') then
        raise exception using
            errcode = 'insufficient_privilege',
            message = format('auth.users exists, and role %I may not reference it', current_user),
            hint = format('Let its owner run: grant references on auth.users to %I;', current_user);
    end if;
    alter table public.profiles add constraint profiles_id_fkey
        foreign key (id) references auth.users (id) on delete cascade;
end
$users$;

-- Functions, in a schema that the API does not expose -------------------------------------------

create schema grace_private;
revoke all on schema grace_private from public, anon, authenticated, service_role;
comment on schema grace_private is
    'What GRACE''s triggers and policies call. No API role has USAGE, so none can call it directly.';

create function grace_private.touch_updated_at() returns trigger
language plpgsql
set search_path = ''
as $body$
begin
    new.updated_at := clock_timestamp();
    return new;
end
$body$;
revoke all on function grace_private.touch_updated_at() from public, anon, authenticated, service_role;

create trigger touch_updated_at before update on public.profiles
    for each row execute function grace_private.touch_updated_at();

-- The questions of the policies. They run as the owner, whom RLS does not bind, so that the answer
-- never depends on the policies that ask; they take no argument, so that nobody can ask for
-- somebody else. They are made here and not with the policies, so that the down script of these
-- has nothing to drop that a foreign object could hold on to.

create function grace_private.managed_profile_ids() returns setof uuid
language sql stable parallel safe security definer
set search_path = ''
as $body$
    select r.profile_id
      from public.caregiver_relations r
     where r.caregiver_id = (select auth.uid())
       and r.status = 'active'
$body$;
revoke all on function grace_private.managed_profile_ids() from public, anon, authenticated, service_role;
comment on function grace_private.managed_profile_ids() is
    'The profiles that the requesting user actively manages.';

create function grace_private.own_session_ids() returns setof uuid
language sql stable parallel safe security definer
set search_path = ''
as $body$
    select s.id
      from public.sessions s
     where s.profile_id = (select auth.uid())
$body$;
revoke all on function grace_private.own_session_ids() from public, anon, authenticated, service_role;
comment on function grace_private.own_session_ids() is
    'The sessions of the requesting user.';

create function grace_private.visible_session_ids() returns setof uuid
language sql stable parallel safe security definer
set search_path = ''
as $body$
    select s.id
      from public.sessions s
     where s.profile_id = (select auth.uid())
        or s.profile_id = any (array(select grace_private.managed_profile_ids()))
$body$;
revoke all on function grace_private.visible_session_ids() from public, anon, authenticated, service_role;
comment on function grace_private.visible_session_ids() is
    'The sessions of the requesting user and of the profiles that this user actively manages.';
