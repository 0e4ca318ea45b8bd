-- The emergency switch. It closes: the API roles lose every right before the policies go, and
-- row-level security stays on, or comes back on where somebody has turned it off. Policies that
-- are gone already do not stop it, and neither do foreign ones: without a right they open nothing.

revoke all on table
    public.profiles, public.caregiver_relations, public.sessions, public.chat_turns, public.notes,
    public.medications, public.activities, public.topics, public.session_activities,
    public.session_topics
from public, anon, authenticated, service_role cascade;

revoke all on function
    grace_private.managed_profile_ids(),
    grace_private.own_session_ids(),
    grace_private.visible_session_ids()
from public, anon, authenticated, service_role cascade;

alter table public.profiles enable row level security;
alter table public.caregiver_relations enable row level security;
alter table public.sessions enable row level security;
alter table public.chat_turns enable row level security;
alter table public.notes enable row level security;
alter table public.medications enable row level security;
alter table public.activities enable row level security;
alter table public.topics enable row level security;
alter table public.session_activities enable row level security;
alter table public.session_topics enable row level security;

drop policy if exists profiles_select on public.profiles;
drop policy if exists profiles_update on public.profiles;

drop policy if exists caregiver_relations_select on public.caregiver_relations;
drop policy if exists caregiver_relations_insert on public.caregiver_relations;
drop policy if exists caregiver_relations_update on public.caregiver_relations;
drop policy if exists caregiver_relations_delete on public.caregiver_relations;

drop policy if exists sessions_select on public.sessions;
drop policy if exists sessions_insert on public.sessions;
drop policy if exists sessions_update on public.sessions;
drop policy if exists sessions_delete on public.sessions;

drop policy if exists medications_select on public.medications;
drop policy if exists medications_insert on public.medications;
drop policy if exists medications_update on public.medications;
drop policy if exists medications_delete on public.medications;

drop policy if exists chat_turns_select on public.chat_turns;
drop policy if exists chat_turns_insert on public.chat_turns;
drop policy if exists chat_turns_update on public.chat_turns;
drop policy if exists chat_turns_delete on public.chat_turns;

drop policy if exists notes_select on public.notes;
drop policy if exists notes_insert on public.notes;
drop policy if exists notes_update on public.notes;
drop policy if exists notes_delete on public.notes;

drop policy if exists session_activities_select on public.session_activities;
drop policy if exists session_activities_insert on public.session_activities;
drop policy if exists session_activities_update on public.session_activities;
drop policy if exists session_activities_delete on public.session_activities;

drop policy if exists session_topics_select on public.session_topics;
drop policy if exists session_topics_insert on public.session_topics;
drop policy if exists session_topics_update on public.session_topics;
drop policy if exists session_topics_delete on public.session_topics;

drop policy if exists activities_select on public.activities;
drop policy if exists topics_select on public.topics;

drop policy if exists profiles_service on public.profiles;
drop policy if exists caregiver_relations_service on public.caregiver_relations;
drop policy if exists sessions_service on public.sessions;
drop policy if exists chat_turns_service on public.chat_turns;
drop policy if exists notes_service on public.notes;
drop policy if exists medications_service on public.medications;
drop policy if exists activities_service on public.activities;
drop policy if exists topics_service on public.topics;
drop policy if exists session_activities_service on public.session_activities;
drop policy if exists session_topics_service on public.session_topics;
