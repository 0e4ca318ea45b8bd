-- What is somebody's own: seen, made, changed and deleted by them. Olga is the owner; a session of
-- the fixtures has the id of its person.

-- test: the owner sees her rows in every table
-- as: owner
-- expect: rows (Olga, olga@example.org)
select full_name, email from profiles where id = '00000000-0000-4000-8000-000000000001';
-- expect: 3 rows
select * from caregiver_relations where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: rows (A day)
select title from sessions where profile_id = '00000000-0000-4000-8000-000000000001';
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

-- test: the owner sees nobody else's rows
-- as: owner
-- expect: no rows
select * from profiles where id <> '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from caregiver_relations where profile_id <> '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from sessions where profile_id <> '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from medications where profile_id <> '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from chat_turns where session_id <> '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from notes where session_id <> '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from session_activities where session_id <> '00000000-0000-4000-8000-000000000001';
-- expect: no rows
select * from session_topics where session_id <> '00000000-0000-4000-8000-000000000001';

-- test: the owner changes her rows and keeps them
-- as: owner
-- expect: affected 1
update sessions set title = 'A better day' where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: rows (A better day)
select title from sessions where profile_id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 1
update profiles set full_name = 'Olga O.' where id = '00000000-0000-4000-8000-000000000001';
-- expect: error 42501 /permission denied for table profiles/
update profiles set email = 'other@example.org' where id = '00000000-0000-4000-8000-000000000001';
-- expect: error 42501 /permission denied for table sessions/
update sessions set profile_id = '00000000-0000-4000-8000-000000000002';

-- test: the owner makes rows of her own alone
-- as: owner
-- expect: affected 1
insert into medications (profile_id, name) values ('00000000-0000-4000-8000-000000000001', 'Water');
-- expect: error 42501 /row-level security policy for table "medications"/
insert into medications (profile_id, name)
values ('00000000-0000-4000-8000-000000000002', 'Water');
-- expect: affected 1
insert into notes (session_id, body) values ('00000000-0000-4000-8000-000000000001', 'Better');
-- expect: error 42501 /row-level security policy for table "notes"/
insert into notes (session_id, body)
values ('00000000-0000-4000-8000-000000000002', 'Worse');

-- test: what is deleted without a condition is one's own
-- as: owner
-- expect: affected 1
delete from notes;
-- as: migrator
-- expect: rows (4)
select count(*) from notes
 where session_id between '00000000-0000-4000-8000-000000000001' and '00000000-0000-4000-8000-000000000006';

-- test: the owner asks somebody to care for her and ends it
-- as: owner
-- expect: affected 1
insert into caregiver_relations (caregiver_id, profile_id, status)
values ('00000000-0000-4000-8000-000000000005', '00000000-0000-4000-8000-000000000001', 'pending');
-- expect: affected 1
update caregiver_relations set status = 'revoked'
 where profile_id = '00000000-0000-4000-8000-000000000001' and caregiver_id = '00000000-0000-4000-8000-000000000002';
-- as: active
-- expect: no rows
select * from sessions where profile_id = '00000000-0000-4000-8000-000000000001';

-- test: catalogues are read by every user and written by none
-- as: owner
-- expect: 2 rows
select * from activities where id in ('00000000-0000-4000-8000-0000000000a1',
                                      '00000000-0000-4000-8000-0000000000a2');
-- expect: error 42501 /permission denied for table activities/
insert into activities (name) values ('mine');
-- expect: error 42501 /permission denied for table topics/
delete from topics;
