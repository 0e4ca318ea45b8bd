-- test: too many rows
-- as: olga
-- expect: no rows
select n, repeat('x', n * 20) from generate_series(1, 12) as series (n);

-- test: other rows
-- as: olga
-- expect: rows in order (null), (first)
select body from notes
 order by id;

-- test: not refused
-- as: olga
-- expect: error 42501
update notes set body = '<&"#>';

-- test: refused otherwise # 1
-- as: olga
-- expect: error 42501 /table "notice"/
insert into notes (owner_id) values ('x');

-- test: it is not SQL
-- as: stan
-- expect: 1 row
select * frm notes;

-- test: what it needs is refused
-- as: nobody
delete from notes;
-- expect: ok
select 1;
