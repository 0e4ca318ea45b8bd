-- The API roles stay: they belong to the whole cluster, and other databases use them.

set local search_path = '';

drop table public.session_topics;
drop table public.session_activities;
drop table public.topics;
drop table public.activities;
drop table public.medications;
drop table public.notes;
drop table public.chat_turns;
drop table public.sessions;
drop table public.caregiver_relations;
drop table public.profiles;

drop function grace_private.visible_session_ids();
drop function grace_private.own_session_ids();
drop function grace_private.managed_profile_ids();
drop function grace_private.touch_updated_at();
drop schema grace_private;

-- Of schema `auth`, only what the up script made and nothing else has come to depend on.
do $auth$
declare
    ours constant text := '%(made by grace-migrate revision 8f3c2a1b9d04)';
    made record;
begin
    for made in
        select 1 as turn, format('function %s', p.oid::regprocedure) as object
          from pg_catalog.pg_proc p
         where p.pronamespace = to_regnamespace('auth')
           and obj_description(p.oid, 'pg_proc') like ours
        union all
        select 2, 'schema auth'
         where obj_description(to_regnamespace('auth'), 'pg_namespace') like ours
         order by turn, object
    loop
        begin
            execute 'drop ' || made.object;
        exception when dependent_objects_still_exist then
            raise notice '% stays: other objects depend on it', made.object;
        end;
    end loop;
end
$auth$;
