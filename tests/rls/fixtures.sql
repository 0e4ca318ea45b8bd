-- The people of actors.toml and what is theirs; run by `rls matrix` in a transaction that is rolled
-- back. Carl cares for Olga, Petra was asked to, Rolf no longer does. Stan is a stranger to them, for
-- whom Nora cares. Everybody but Nora has one row in every table.

-- Where Supabase keeps its users, a profile needs one.
do $users$
begin
    if to_regclass('auth.users') is not null then
        insert into auth.users (id)
        select format('00000000-0000-4000-8000-00000000000%s', n)::uuid from generate_series(1, 6) n;
    end if;
end
$users$;

insert into public.profiles (id, email, full_name) values
    ('00000000-0000-4000-8000-000000000001', 'olga@example.org', 'Olga'),
    ('00000000-0000-4000-8000-000000000002', 'carl@example.org', 'Carl'),
    ('00000000-0000-4000-8000-000000000003', 'petra@example.org', 'Petra'),
    ('00000000-0000-4000-8000-000000000004', 'rolf@example.org', 'Rolf'),
    ('00000000-0000-4000-8000-000000000005', 'stan@example.org', 'Stan'),
    ('00000000-0000-4000-8000-000000000006', 'nora@example.org', 'Nora');

insert into public.caregiver_relations (profile_id, caregiver_id, status) values
    ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002', 'active'),
    ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000003', 'pending'),
    ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000004', 'revoked'),
    ('00000000-0000-4000-8000-000000000005', '00000000-0000-4000-8000-000000000006', 'active');

insert into public.activities (id, name) values
    ('00000000-0000-4000-8000-0000000000a1', 'rls matrix: walking'),
    ('00000000-0000-4000-8000-0000000000a2', 'rls matrix: chess');
insert into public.topics (id, name) values
    ('00000000-0000-4000-8000-0000000000b1', 'rls matrix: weather'),
    ('00000000-0000-4000-8000-0000000000b2', 'rls matrix: family');

insert into public.sessions (id, profile_id, title)
select p.id, p.id, 'A day' from public.profiles p where p.full_name <> 'Nora';
insert into public.chat_turns (session_id, content) select s.id, 'Hello' from public.sessions s;
insert into public.notes (session_id, body) select s.id, 'Well' from public.sessions s;
insert into public.medications (profile_id, name) select s.profile_id, 'Tea' from public.sessions s;
insert into public.session_activities (session_id, activity_id)
select s.id, '00000000-0000-4000-8000-0000000000a1' from public.sessions s;
insert into public.session_topics (session_id, topic_id)
select s.id, '00000000-0000-4000-8000-0000000000b1' from public.sessions s;
