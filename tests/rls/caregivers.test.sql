-- Carl actively cares for Olga: he reads what is hers and changes nothing of it. Petra was asked to,
-- Rolf no longer does: to them it is as to a stranger.

-- test: an active caregiver reads what is hers
-- as: active
-- expect: rows (Olga)
select full_name from profiles where id = '00000000-0000-4000-8000-000000000001';
-- expect: rows (active)
select status from caregiver_relations where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: 1 row
select * from sessions where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: 1 row
select * from medications where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: 1 row
select * from chat_turns where session_id = '00000000-0000-4000-8000-000000000001';
-- expect: 1 row
select * from notes where session_id = '00000000-0000-4000-8000-000000000001';
-- expect: 1 row
select * from session_activities where session_id = '00000000-0000-4000-8000-000000000001';
-- expect: 1 row
select * from session_topics where session_id = '00000000-0000-4000-8000-000000000001';

-- test: an active caregiver changes nothing of it
-- as: active
-- expect: affected 0
update profiles set full_name = 'Carl' where id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 0
update sessions set title = 'Carl''s' where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 0
update medications set name = 'Carl''s' where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 0
update chat_turns set content = 'Carl''s' where session_id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 0
update notes set body = 'Carl''s' where session_id = '00000000-0000-4000-8000-000000000001';
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
-- expect: error 42501 /row-level security policy for table "notes"/
insert into notes (session_id, body) values ('00000000-0000-4000-8000-000000000001', 'Carl''s');
-- expect: error 42501 /row-level security policy for table "sessions"/
insert into sessions (profile_id, title) values ('00000000-0000-4000-8000-000000000001', 'Carl''s');

-- test: a caregiver makes no relation and changes none, but ends his own
-- as: pending
-- expect: affected 0
update caregiver_relations set status = 'active' where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: error 42501 /row-level security policy for table "caregiver_relations"/
insert into caregiver_relations (caregiver_id, profile_id, status)
values ('00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000005', 'active');
-- as: active
-- expect: affected 1
delete from caregiver_relations where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from sessions where profile_id = '00000000-0000-4000-8000-000000000001';

-- test: a caregiver who was asked to care sees the relation and nothing else
-- as: pending
-- expect: rows (pending)
select status from caregiver_relations where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from profiles where id = '00000000-0000-4000-8000-000000000001';
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

-- test: a caregiver who no longer cares sees the relation and nothing else
-- as: revoked
-- expect: rows (revoked)
select status from caregiver_relations where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from profiles where id = '00000000-0000-4000-8000-000000000001';
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
