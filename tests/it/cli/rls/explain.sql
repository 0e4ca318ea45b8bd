-- Notes of people, some of them shared, seen through policies of each sort.
create schema auth;
create function auth.uid() returns text language sql stable
    as $$ select nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub' $$;
grant usage on schema auth to anon, authenticated;

create table members (team_id int, user_id text, note text, primary key (team_id, user_id));
alter table members enable row level security;
grant select, delete on members to authenticated;
create policy own on members to authenticated using (user_id = (select auth.uid()));
insert into members (team_id, user_id) values (1, 'olga'), (1, 'carl'), (2, 'olga');

create table notes (
    id int generated always as identity primary key,
    owner_id text not null default auth.uid(),
    team_id int,
    body text not null,
    status text not null default 'draft',
    deleted bool not null default false
);
alter table notes enable row level security;
grant select, insert (owner_id, body, status), update (body, status, deleted) on notes
    to authenticated;
grant delete on notes to public;
grant all on notes to service_role;
create policy own on notes for select to authenticated
    using (owner_id = (select auth.uid())
           or team_id in (select m.team_id from members m where m.user_id = (select auth.uid())));
create policy pinned on notes for select using (status = 'pinned');
create policy living on notes as restrictive for select to authenticated using (not deleted);
create policy written on notes for insert to authenticated
    with check (owner_id = (select auth.uid()) and status = 'draft');
create policy changed on notes for update to authenticated
    using (owner_id = (select auth.uid())) with check (status <> 'published');
insert into notes (owner_id, team_id, body, status, deleted) values
    ('olga', null, 'hers alone', 'draft', false),
    ('olga', 1, 'the team''s', 'draft', false),
    ('stan', null, 'for everybody', 'pinned', false),
    ('carl', null, 'gone', 'draft', true),
    ('carl', null, 'his', 'draft', false);

create table open (id int primary key);
grant select on open to anon;
insert into open values (1), (2);

create table events (id int, at date) partition by range (at);
alter table events enable row level security;
create table events_2020 partition of events for values from ('2020-01-01') to ('2021-01-01');
grant select on events, events_2020 to authenticated;
create policy none on events for select to authenticated using (false);
insert into events values (1, '2020-05-05');

-- Written by anybody, read by those whom it names.
create table entries (
    body text,
    reader text,
    words int generated always as (length(body)) stored
);
alter table entries enable row level security;
grant select, insert, update (body), delete on entries to authenticated;
create policy read on entries for select to authenticated using (reader = (select auth.uid()));
create policy write on entries for insert to authenticated with check (words > 0);
create policy mend on entries for update to authenticated using (true) with check (words > 3);
create policy forget on entries for delete to authenticated using (true);
insert into entries values ('known', 'olga');

create table failing (id int default auth.uid()::int);
alter table failing enable row level security;
grant select, insert on failing to authenticated;
create policy fails on failing to authenticated using (id = (select auth.uid()::int));
insert into failing values (1);

create view seen as select id from notes;
