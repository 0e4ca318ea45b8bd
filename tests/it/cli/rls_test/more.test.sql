-- fixtures: rows/two.sql

-- as: olga
-- expect: rows (a)
select body from notes;

-- as: migrator
copy notes (owner_id, body) from stdin;
o	b
\.
-- as: olga
-- expect: 2 rows
select 'not ok', body from notes;
