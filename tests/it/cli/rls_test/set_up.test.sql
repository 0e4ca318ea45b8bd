-- as: olga
insert into notes (owner_id, body) values ('o', 'seen by all below');
-- expect: 3 rows
select * from notes;

-- as: migrator
insert into notes (body) values ('nobody''s');
-- expect: ok
select 1;
-- as: olga
delete from notes;
-- test: behind a set-up that failed
-- as: olga
-- expect: ok
select 1;
