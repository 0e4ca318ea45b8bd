-- A table for each thing that is hard to try.
create schema auth;
create function auth.uid() returns text language sql stable as
    $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub' $$;
grant usage on schema auth to authenticated, anon;

-- An UPDATE that can give a row away, and one that cannot.
create table given (id int primary key, owner_id text not null, body text);
create table held (id int primary key, owner_id text not null, body text);
alter table given enable row level security;
alter table held enable row level security;
grant select, insert, update, delete on given, held to authenticated;
create policy own on given to authenticated using (owner_id = auth.uid()) with check (true);
create policy own on held to authenticated using (owner_id = auth.uid());

-- Rows that are changed without being seen, and kept by others that point at them.
create table blind (id int primary key, owner_id text not null);
create table child (id int primary key, blind_id int references blind);
alter table blind enable row level security;
alter table child enable row level security;
grant select, update, delete on blind to authenticated;
create policy seen on blind for select to authenticated using (owner_id = auth.uid());
create policy changed on blind for update to authenticated using (true);
create policy gone on blind for delete to authenticated using (true);

-- Columns that nobody may write, and rights to some columns alone.
create table columns (
    id int generated always as identity primary key,
    owner_id text not null,
    secret text,
    twice int generated always as (id * 2) stored
);
alter table columns enable row level security;
grant select (owner_id), insert (owner_id), update (owner_id) on columns to authenticated;
grant delete, truncate on columns to authenticated;
create policy own on columns to authenticated using (owner_id = auth.uid());

-- Partitions.
create table events (id int, owner_id text) partition by range (id);
create table events_low partition of events for values from (0) to (10);
create table events_high partition of events for values from (10) to (20);
alter table events enable row level security;
grant select, insert, update, delete on events, events_low to authenticated;
create policy own on events to authenticated using (owner_id = auth.uid());

-- Errors that are none of a policy's.
create table endless (id int primary key, owner_id text);
alter table endless enable row level security;
grant select, insert, update, delete on endless to authenticated;
create policy endless on endless to authenticated
    using (exists (select from endless e where e.id = endless.id));
create table stubborn (id int primary key, owner_id text);
alter table stubborn enable row level security;
grant select, insert, update, delete on stubborn to authenticated;
create policy own on stubborn to authenticated using (owner_id = auth.uid());
create function no() returns trigger language plpgsql as $$
begin
    raise exception 'never' using errcode = 'P0001';
end
$$;
create trigger no before update on stubborn for each row execute function no();

-- Nothing in it, and names that have to be quoted.
create table nothing (id serial primary key);
grant select, insert, delete on nothing to authenticated;
create table "No ""Table" ("select" int primary key, "Owner" text);
grant select, insert, update on "No ""Table" to authenticated, anon;

-- No right to the schema.
create schema closed;
create table closed.open (id int);
grant all on closed.open to authenticated;
