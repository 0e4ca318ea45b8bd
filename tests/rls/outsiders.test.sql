-- Who has nothing to do with Olga, and who is nobody.

-- test: a stranger sees and changes nothing of hers
-- as: stranger
-- expect: no rows
select * from profiles where id = '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from caregiver_relations where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from sessions where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from medications where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from chat_turns where session_id = '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from notes where session_id = '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from session_activities where session_id = '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from session_topics where session_id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 0
delete from caregiver_relations where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 0
delete from sessions where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 0
delete from medications where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 0
delete from chat_turns where session_id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 0
delete from notes where session_id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 0
delete from session_activities where session_id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 0
delete from session_topics where session_id = '00000000-0000-4000-8000-000000000001';
-- expect: error 42501 /row-level security policy for table "chat_turns"/
insert into chat_turns (session_id, content) values ('00000000-0000-4000-8000-000000000001', 'Hello');

-- test: a token that names nobody sees and makes nothing
-- as: no-sub
-- expect: no rows
select * from profiles;
-- expect: no rows
select * from caregiver_relations;
-- expect: no rows
select * from sessions;
-- expect: no rows
select * from medications;
-- expect: no rows
select * from chat_turns;
-- expect: no rows
select * from notes;
-- expect: no rows
select * from session_activities;
-- expect: no rows
select * from session_topics;
-- expect: no rows
select * from activities;
-- expect: no rows
select * from topics;
-- expect: error 42501 /row-level security policy for table "sessions"/
insert into sessions (profile_id, title) values ('00000000-0000-4000-8000-000000000001', 'Nobody''s');

-- test: whoever has no account is refused
-- as: anon
-- expect: error 42501 /permission denied/
select * from profiles;
-- expect: error 42501 /permission denied/
select * from caregiver_relations;
-- expect: error 42501 /permission denied/
select * from sessions;
-- expect: error 42501 /permission denied/
select * from medications;
-- expect: error 42501 /permission denied/
select * from chat_turns;
-- expect: error 42501 /permission denied/
select * from notes;
-- expect: error 42501 /permission denied/
select * from session_activities;
-- expect: error 42501 /permission denied/
select * from session_topics;
-- expect: error 42501 /permission denied/
select * from activities;
-- expect: error 42501 /permission denied/
select * from topics;
-- expect: error 42501 /permission denied/
delete from sessions;
-- expect: error 42501 /permission denied/
delete from notes;

-- test: nobody empties a table
-- as: owner
-- expect: error 42501 /permission denied/
truncate notes cascade;
-- expect: error 42501 /permission denied/
truncate sessions cascade;
-- as: service
-- expect: error 42501 /permission denied/
truncate notes;
