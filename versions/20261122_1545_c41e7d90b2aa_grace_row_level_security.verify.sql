set local search_path = '';

-- Row-level security binds the API's users: it is on, and neither attribute nor membership lets
-- them around it.
do $binding$
declare
    failed text;
begin
    select string_agg(c.relname, ', ' order by c.relname)
      into failed
      from pg_catalog.pg_class c
     where c.relnamespace = 'public'::regnamespace
       and c.relname = any (array[
            'profiles', 'caregiver_relations', 'sessions', 'chat_turns', 'notes', 'medications',
            'activities', 'topics', 'session_activities', 'session_topics'])
       and not c.relrowsecurity;
    if failed is not null then
        raise exception 'row-level security is off on %', failed;
    end if;

    select string_agg(distinct format('%I (through %I)', api.name, r.rolname), ', ')
      into failed
      from (values ('anon'), ('authenticated')) as api (name)
      join pg_catalog.pg_roles r on pg_has_role(api.name, r.oid, 'member')
     where r.rolsuper
        or (r.rolbypassrls and r.rolname = api.name)
        or r.oid = (select c.relowner from pg_catalog.pg_class c
                     where c.oid = 'public.profiles'::regclass);
    if failed is not null then
        raise exception 'row-level security does not bind %', failed;
    end if;
end
$binding$;

-- The rights of the API roles and of PUBLIC are exactly these.
do $grants$
declare
    failed text;
begin
    with expected (grantee, relation, privilege, columns) as (
        values
            ('authenticated', 'profiles', 'SELECT', null),
            ('authenticated', 'profiles', 'UPDATE',
                'birth_date, full_name, locale, phone, preferences, time_zone'),
            ('authenticated', 'caregiver_relations', 'SELECT', null),
            ('authenticated', 'caregiver_relations', 'INSERT', 'caregiver_id, id, profile_id, status'),
            ('authenticated', 'caregiver_relations', 'UPDATE', 'status'),
            ('authenticated', 'caregiver_relations', 'DELETE', null),
            ('authenticated', 'sessions', 'SELECT', null),
            ('authenticated', 'sessions', 'INSERT', 'ended_at, id, profile_id, started_at, title'),
            ('authenticated', 'sessions', 'UPDATE', 'ended_at, started_at, title'),
            ('authenticated', 'sessions', 'DELETE', null),
            ('authenticated', 'medications', 'SELECT', null),
            ('authenticated', 'medications', 'INSERT', 'dosage, id, name, profile_id, schedule'),
            ('authenticated', 'medications', 'UPDATE', 'dosage, name, schedule'),
            ('authenticated', 'medications', 'DELETE', null),
            ('authenticated', 'chat_turns', 'SELECT', null),
            ('authenticated', 'chat_turns', 'INSERT', 'content, id, session_id, speaker'),
            ('authenticated', 'chat_turns', 'UPDATE', 'content, speaker'),
            ('authenticated', 'chat_turns', 'DELETE', null),
            ('authenticated', 'notes', 'SELECT', null),
            ('authenticated', 'notes', 'INSERT', 'body, id, session_id'),
            ('authenticated', 'notes', 'UPDATE', 'body'),
            ('authenticated', 'notes', 'DELETE', null),
            ('authenticated', 'session_activities', 'SELECT', null),
            ('authenticated', 'session_activities', 'INSERT', 'activity_id, session_id'),
            ('authenticated', 'session_activities', 'UPDATE', 'activity_id'),
            ('authenticated', 'session_activities', 'DELETE', null),
            ('authenticated', 'session_topics', 'SELECT', null),
            ('authenticated', 'session_topics', 'INSERT', 'session_id, topic_id'),
            ('authenticated', 'session_topics', 'UPDATE', 'topic_id'),
            ('authenticated', 'session_topics', 'DELETE', null),
            ('authenticated', 'activities', 'SELECT', null),
            ('authenticated', 'topics', 'SELECT', null)
        union all
        select 'service_role', relation, privilege, null
          from unnest(array[
                'profiles', 'caregiver_relations', 'sessions', 'chat_turns', 'notes', 'medications',
                'activities', 'topics', 'session_activities', 'session_topics']) as relation
         cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as privilege
    ), tables as (
        select c.oid, c.relname::text as relation, c.relacl
          from pg_catalog.pg_class c
         where c.relnamespace = 'public'::regnamespace
           and c.relname in (select e.relation from expected e)
    ), actual (grantee, relation, privilege, columns) as (
        select coalesce(r.rolname::text, 'PUBLIC'), held.relation, held.privilege, held.columns
          from (select a.grantee, t.relation, a.privilege_type as privilege, null as columns
                  from tables t
                 cross join lateral aclexplode(t.relacl) a
                union all
                select a.grantee, t.relation, a.privilege_type,
                       string_agg(c.attname::text, ', ' order by c.attname::text collate "C")
                  from tables t
                  join pg_catalog.pg_attribute c on c.attrelid = t.oid
                 cross join lateral aclexplode(c.attacl) a
                 group by a.grantee, t.relation, a.privilege_type) as held
          left join pg_catalog.pg_roles r on r.oid = held.grantee
         where held.grantee = 0 or r.rolname in ('anon', 'authenticated', 'service_role')
    )
    select string_agg(format('%s %s %s on %s%s', d.problem, d.grantee, d.privilege, d.relation,
                             ' (' || d.columns || ')'), '; ')
      into failed
      from ((select 'missing', e.* from expected e except select 'missing', a.* from actual a)
            union all
            (select 'too much', a.* from actual a except select 'too much', e.* from expected e))
           as d (problem, grantee, relation, privilege, columns);
    if failed is not null then
        raise exception 'the rights of the API roles are not what they should be: %', failed;
    end if;
end
$grants$;

-- One permissive policy for each table, role and command that is granted, none for the others, and
-- no UPDATE without both of its conditions.
do $policies$
declare
    failed text;
begin
    select string_agg(format('%s may %s %s: %s policies', api.name, command.name, c.relname,
                             policies.number), '; ')
      into failed
      from pg_catalog.pg_class c
     cross join (values ('anon'), ('authenticated'), ('service_role')) as api (name)
     cross join (values ('SELECT', 'r'), ('INSERT', 'a'), ('UPDATE', 'w'), ('DELETE', 'd'))
                as command (name, code)
     cross join lateral (
            select count(*) as number
              from pg_catalog.pg_policy p
             where p.polrelid = c.oid
               and p.polpermissive
               and p.polcmd::text in (command.code, '*')
               and p.polroles && array[0, api.name::regrole]::oid[]) as policies
     cross join lateral (
            select case command.name
                       when 'DELETE' then has_table_privilege(api.name, c.oid, 'DELETE')
                       else has_any_column_privilege(api.name, c.oid, command.name)
                   end as granted) as rights
     where c.relnamespace = 'public'::regnamespace
       and c.relname = any (array[
            'profiles', 'caregiver_relations', 'sessions', 'chat_turns', 'notes', 'medications',
            'activities', 'topics', 'session_activities', 'session_topics'])
       and policies.number <> rights.granted::int;
    if failed is not null then
        raise exception 'policies and grants do not match: %', failed;
    end if;

    select string_agg(p.polname, ', ' order by p.polname)
      into failed
      from pg_catalog.pg_policy p
      join pg_catalog.pg_class c on c.oid = p.polrelid
     where c.relnamespace = 'public'::regnamespace
       and p.polcmd in ('w', '*')
       and p.polpermissive
       and p.polname = c.relname || case p.polcmd when 'w' then '_update' else '_service' end
       and (p.polqual is null or p.polwithcheck is null);
    if failed is not null then
        raise exception 'a condition is missing: %', failed;
    end if;
end
$policies$;
