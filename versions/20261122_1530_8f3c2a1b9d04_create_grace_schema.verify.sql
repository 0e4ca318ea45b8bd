set local search_path = '';

-- Closed: row-level security is on everywhere, and the API roles have no right of their own, nor
-- one through PUBLIC or a membership.
do $closed$
declare
    tables constant regclass[] := array[
        'public.profiles', 'public.caregiver_relations', 'public.sessions', 'public.chat_turns',
        'public.notes', 'public.medications', 'public.activities', 'public.topics',
        'public.session_activities', 'public.session_topics'];
    open text;
begin
    select string_agg(c.oid::regclass::text, ', ' order by c.oid)
      into open
      from pg_catalog.pg_class c
     where c.oid = any (tables) and not c.relrowsecurity;
    if open is not null then
        raise exception 'row-level security is off on %', open;
    end if;

    select string_agg(distinct format('%s on %s', role.name, t.oid::regclass), ', ')
      into open
      from unnest(tables) as t (oid)
     cross join (values ('anon'), ('authenticated')) as role (name)
     where has_any_column_privilege(role.name, t.oid, 'select, insert, update, references')
        or has_table_privilege(role.name, t.oid, 'delete, truncate, trigger');
    if open is not null then
        raise exception using
            message = format('API roles have rights that this revision did not give: %s', open),
            hint = 'Look at the memberships and attributes of these roles.';
    end if;

    select string_agg(distinct format('%s on %s', a.grantee::regrole, c.oid::regclass), ', ')
      into open
      from pg_catalog.pg_class c
     cross join lateral aclexplode(c.relacl) a
     where c.oid = any (tables)
       and a.grantee = any (array[0, 'service_role'::regrole]::oid[]);
    if open is not null then
        raise exception 'rights are left: %', open;
    end if;
end
$closed$;

-- Every foreign key has an index that begins with its columns.
do $indexes$
declare
    bare text;
begin
    select string_agg(f.conname, ', ')
      into bare
      from pg_catalog.pg_constraint f
     where f.contype = 'f'
       and f.conrelid = any (array[
        'public.profiles', 'public.caregiver_relations', 'public.sessions', 'public.chat_turns',
        'public.notes', 'public.medications', 'public.session_activities', 'public.session_topics'
       ]::regclass[])
       and not exists (
        select from pg_catalog.pg_index i
         where i.indrelid = f.conrelid
           and i.indpred is null
           and (i.indkey::int2[])[0:cardinality(f.conkey) - 1] @> f.conkey);
    if bare is not null then
        raise exception 'foreign keys without an index: %', bare;
    end if;
end
$indexes$;
