-- Olga has two notes; two are somebody else's.

-- test: olga sees her own
-- as: olga
-- expect: 2 rows
select * from notes;
-- expect: rows (first, o), (null, o)
select body, owner_id from notes;
-- expect: rows in order (first)
--                       (null)
select body from notes order by id;
-- expect: some rows
table notes;
-- reset
-- expect: rows ('it''s (mine), <b>&'), (other)
select body from notes where owner_id = 'x';

-- test: what a test does is gone behind it
-- as: olga
-- expect: affected 2
delete from notes;
-- expect: no rows
select * from notes;
-- expect: no rows
delete from notes;

-- test: a refused statement leaves the rest of its test as it was
-- as: olga
insert into notes (owner_id, body) values ('o', 'new');
-- expect: error 42501 /row-level security policy for table "notes"/
insert into notes (owner_id, body) values ('x', 'new');
-- expect: error 42501
update notes set owner_id = 'x';
-- expect: 3 rows
update notes set body = 'it''s' returning id;
-- expect: rows (it is, 3)
with counted as (select count(*) as n from notes) select 'it is', n from counted;

-- test: who asks is made anew for each statement
-- as: stan
-- expect: ok
set local role none;
-- expect: rows (authenticated, 'it''s \ "me"', on)
select current_user, current_setting('request.jwt.claims')::json ->> 'sub',
       current_setting('row_security');
-- as: migrator
-- expect: rows ('', off)
select current_setting('request.jwt.claims'), current_setting('row_security');

-- test: nobody may even ask
-- as: nobody
-- expect: error 42501 /permission denied for table notes/
select * from notes;
