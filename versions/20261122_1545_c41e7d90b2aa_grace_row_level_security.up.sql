-- revision: c41e7d90b2aa
-- revises: 8f3c2a1b9d04
-- created: 2026-11-22T15:45:00Z
-- message: GRACE row-level security

-- Who may do what. Grants say which commands and columns, policies say which rows; each is exact
-- without the other. A user is `authenticated` with a `sub` in the claims, `anon` has nothing.
-- Each policy names its role, and a table has one for a role and a command. Calls and lists are
-- sub-selects, which run once a statement instead of once a row.

set local search_path = '';

-- Permissive policies are OR-ed together, so that one of somebody else's would let through what
-- these refuse. A restrictive policy, or one for a role that has nothing to do with the API's, may
-- stay.
do $foreign$
declare
    intruders text;
begin
    select string_agg(format('%I on %I.%I', p.polname, n.nspname, c.relname), ', '
                      order by c.relname, p.polname)
      into intruders
      from pg_catalog.pg_policy p
      join pg_catalog.pg_class c on c.oid = p.polrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where p.polpermissive
       and n.nspname = 'public'
       and c.relname = any (array[
            'profiles', 'caregiver_relations', 'sessions', 'chat_turns', 'notes', 'medications',
            'activities', 'topics', 'session_activities', 'session_topics'])
       and exists (
            select
              from unnest(p.polroles) as holder (oid)
             cross join unnest(array['anon', 'authenticated', 'service_role']) as api (name)
             where holder.oid = 0
                or pg_has_role(api.name, holder.oid, 'member')
                or pg_has_role(holder.oid, api.name, 'member'));
    if intruders is not null then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = format('policies that are not GRACE''s would be OR-ed into its own: %s', intruders),
            hint = 'Drop them (`drop policy NAME on TABLE`), or make them again `as restrictive`.';
    end if;
end
$foreign$;

-- On a hardened database PUBLIC may not even look into "public".
do $usage$
declare
    role_name text;
begin
    foreach role_name in array array['authenticated', 'service_role'] loop
        if not has_schema_privilege(role_name, 'public', 'usage') then
            execute format('grant usage on schema public to %I', role_name);
        end if;
    end loop;
end
$usage$;

-- Whatever was granted by hand since the tables were closed.
revoke all on table
    public.profiles, public.caregiver_relations, public.sessions, public.chat_turns, public.notes,
    public.medications, public.activities, public.topics, public.session_activities,
    public.session_topics
from public, anon, authenticated, service_role cascade;

-- The right to execute is enough for a policy; without USAGE on the schema nobody can call them.
grant execute on function
    grace_private.managed_profile_ids(),
    grace_private.own_session_ids(),
    grace_private.visible_session_ids()
to authenticated;

-- Profiles: users view their own and update its personal columns; caregivers view those that they
-- actively manage.

grant select on table public.profiles to authenticated;
grant update (full_name, phone, birth_date, locale, time_zone, preferences)
    on table public.profiles to authenticated;

create policy profiles_select on public.profiles
    for select to authenticated
    using (
        profiles.id = (select auth.uid())
        or profiles.id = any (array(select grace_private.managed_profile_ids()))
    );

create policy profiles_update on public.profiles
    for update to authenticated
    using (profiles.id = (select auth.uid()))
    with check (profiles.id = (select auth.uid()));

-- Caregiver relations: both sides see them. Only the managed person makes one or changes its
-- status. Either side ends it by deleting the row: an UPDATE for the caregiver could not be
-- limited to one new status without a trigger.

grant select, delete on table public.caregiver_relations to authenticated;
grant insert (id, caregiver_id, profile_id, status), update (status)
    on table public.caregiver_relations to authenticated;

create policy caregiver_relations_select on public.caregiver_relations
    for select to authenticated
    using (
        caregiver_relations.profile_id = (select auth.uid())
        or caregiver_relations.caregiver_id = (select auth.uid())
    );

create policy caregiver_relations_insert on public.caregiver_relations
    for insert to authenticated
    with check (caregiver_relations.profile_id = (select auth.uid()));

create policy caregiver_relations_update on public.caregiver_relations
    for update to authenticated
    using (caregiver_relations.profile_id = (select auth.uid()))
    with check (caregiver_relations.profile_id = (select auth.uid()));

create policy caregiver_relations_delete on public.caregiver_relations
    for delete to authenticated
    using (
        caregiver_relations.profile_id = (select auth.uid())
        or caregiver_relations.caregiver_id = (select auth.uid())
    );

-- Sessions and medications: their owner's; active caregivers may read.

grant select, delete on table public.sessions to authenticated;
grant insert (id, profile_id, title, started_at, ended_at), update (title, started_at, ended_at)
    on table public.sessions to authenticated;

create policy sessions_select on public.sessions
    for select to authenticated
    using (
        sessions.profile_id = (select auth.uid())
        or sessions.profile_id = any (array(select grace_private.managed_profile_ids()))
    );

create policy sessions_insert on public.sessions
    for insert to authenticated
    with check (sessions.profile_id = (select auth.uid()));

create policy sessions_update on public.sessions
    for update to authenticated
    using (sessions.profile_id = (select auth.uid()))
    with check (sessions.profile_id = (select auth.uid()));

create policy sessions_delete on public.sessions
    for delete to authenticated
    using (sessions.profile_id = (select auth.uid()));

grant select, delete on table public.medications to authenticated;
grant insert (id, profile_id, name, dosage, schedule), update (name, dosage, schedule)
    on table public.medications to authenticated;

create policy medications_select on public.medications
    for select to authenticated
    using (
        medications.profile_id = (select auth.uid())
        or medications.profile_id = any (array(select grace_private.managed_profile_ids()))
    );

create policy medications_insert on public.medications
    for insert to authenticated
    with check (medications.profile_id = (select auth.uid()));

create policy medications_update on public.medications
    for update to authenticated
    using (medications.profile_id = (select auth.uid()))
    with check (medications.profile_id = (select auth.uid()));

create policy medications_delete on public.medications
    for delete to authenticated
    using (medications.profile_id = (select auth.uid()));

-- What belongs to a session: its owner's; active caregivers may read.

grant select, delete on table public.chat_turns to authenticated;
grant insert (id, session_id, speaker, content), update (speaker, content)
    on table public.chat_turns to authenticated;

create policy chat_turns_select on public.chat_turns
    for select to authenticated
    using (chat_turns.session_id = any (array(select grace_private.visible_session_ids())));

create policy chat_turns_insert on public.chat_turns
    for insert to authenticated
    with check (chat_turns.session_id = any (array(select grace_private.own_session_ids())));

create policy chat_turns_update on public.chat_turns
    for update to authenticated
    using (chat_turns.session_id = any (array(select grace_private.own_session_ids())))
    with check (chat_turns.session_id = any (array(select grace_private.own_session_ids())));

create policy chat_turns_delete on public.chat_turns
    for delete to authenticated
    using (chat_turns.session_id = any (array(select grace_private.own_session_ids())));

grant select, delete on table public.notes to authenticated;
grant insert (id, session_id, body), update (body)
    on table public.notes to authenticated;

create policy notes_select on public.notes
    for select to authenticated
    using (notes.session_id = any (array(select grace_private.visible_session_ids())));

create policy notes_insert on public.notes
    for insert to authenticated
    with check (notes.session_id = any (array(select grace_private.own_session_ids())));

create policy notes_update on public.notes
    for update to authenticated
    using (notes.session_id = any (array(select grace_private.own_session_ids())))
    with check (notes.session_id = any (array(select grace_private.own_session_ids())));

create policy notes_delete on public.notes
    for delete to authenticated
    using (notes.session_id = any (array(select grace_private.own_session_ids())));

grant select, delete on table public.session_activities to authenticated;
grant insert (session_id, activity_id), update (activity_id)
    on table public.session_activities to authenticated;

create policy session_activities_select on public.session_activities
    for select to authenticated
    using (session_activities.session_id = any (array(select grace_private.visible_session_ids())));

create policy session_activities_insert on public.session_activities
    for insert to authenticated
    with check (session_activities.session_id = any (array(select grace_private.own_session_ids())));

create policy session_activities_update on public.session_activities
    for update to authenticated
    using (session_activities.session_id = any (array(select grace_private.own_session_ids())))
    with check (session_activities.session_id = any (array(select grace_private.own_session_ids())));

create policy session_activities_delete on public.session_activities
    for delete to authenticated
    using (session_activities.session_id = any (array(select grace_private.own_session_ids())));

grant select, delete on table public.session_topics to authenticated;
grant insert (session_id, topic_id), update (topic_id)
    on table public.session_topics to authenticated;

create policy session_topics_select on public.session_topics
    for select to authenticated
    using (session_topics.session_id = any (array(select grace_private.visible_session_ids())));

create policy session_topics_insert on public.session_topics
    for insert to authenticated
    with check (session_topics.session_id = any (array(select grace_private.own_session_ids())));

create policy session_topics_update on public.session_topics
    for update to authenticated
    using (session_topics.session_id = any (array(select grace_private.own_session_ids())))
    with check (session_topics.session_id = any (array(select grace_private.own_session_ids())));

create policy session_topics_delete on public.session_topics
    for delete to authenticated
    using (session_topics.session_id = any (array(select grace_private.own_session_ids())));

-- Activities and topics: any signed-in user reads them.

grant select on table public.activities, public.topics to authenticated;

create policy activities_select on public.activities
    for select to authenticated
    using ((select auth.uid()) is not null);

create policy topics_select on public.topics
    for select to authenticated
    using ((select auth.uid()) is not null);

-- The service: every command on every row, by policy, because its role need not bypass RLS. Not
-- TRUNCATE, REFERENCES or TRIGGER, which RLS does not govern.

grant select, insert, update, delete on table
    public.profiles, public.caregiver_relations, public.sessions, public.chat_turns, public.notes,
    public.medications, public.activities, public.topics, public.session_activities,
    public.session_topics
to service_role;

create policy profiles_service on public.profiles
    for all to service_role using (true) with check (true);
create policy caregiver_relations_service on public.caregiver_relations
    for all to service_role using (true) with check (true);
create policy sessions_service on public.sessions
    for all to service_role using (true) with check (true);
create policy chat_turns_service on public.chat_turns
    for all to service_role using (true) with check (true);
create policy notes_service on public.notes
    for all to service_role using (true) with check (true);
create policy medications_service on public.medications
    for all to service_role using (true) with check (true);
create policy activities_service on public.activities
    for all to service_role using (true) with check (true);
create policy topics_service on public.topics
    for all to service_role using (true) with check (true);
create policy session_activities_service on public.session_activities
    for all to service_role using (true) with check (true);
create policy session_topics_service on public.session_topics
    for all to service_role using (true) with check (true);
