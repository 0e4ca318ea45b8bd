-- The service role does everything but empty tables.

-- test: the service sees everybody's rows
-- as: service
-- expect: rows (Olga), (Carl), (Petra), (Rolf), (Stan), (Nora)
select full_name from profiles
 where id between '00000000-0000-4000-8000-000000000001' and '00000000-0000-4000-8000-000000000006';
-- expect: 5 rows
select * from sessions
 where profile_id between '00000000-0000-4000-8000-000000000001' and '00000000-0000-4000-8000-000000000006';
-- expect: 5 rows
select * from medications
 where profile_id between '00000000-0000-4000-8000-000000000001' and '00000000-0000-4000-8000-000000000006';
-- expect: 5 rows
select * from chat_turns
 where session_id between '00000000-0000-4000-8000-000000000001' and '00000000-0000-4000-8000-000000000006';
-- expect: 5 rows
select * from notes
 where session_id between '00000000-0000-4000-8000-000000000001' and '00000000-0000-4000-8000-000000000006';
-- expect: 5 rows
select * from session_activities
 where session_id between '00000000-0000-4000-8000-000000000001' and '00000000-0000-4000-8000-000000000006';
-- expect: 5 rows
select * from session_topics
 where session_id between '00000000-0000-4000-8000-000000000001' and '00000000-0000-4000-8000-000000000006';

-- test: the service writes anybody's rows
-- as: service
-- expect: affected 1
update profiles set email = 'new@example.org' where id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 1
insert into notes (session_id, body) values ('00000000-0000-4000-8000-000000000001', 'From the service');
-- expect: affected 2
delete from notes where session_id = '00000000-0000-4000-8000-000000000001';
-- expect: affected 1
delete from activities where id = '00000000-0000-4000-8000-0000000000a2';
