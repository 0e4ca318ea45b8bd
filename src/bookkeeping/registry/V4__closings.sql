-- What `rls close` took away and `rls open` gave back: a row for each table. Append-only.
create table grace_migrate.closings (
    id bigint generated always as identity primary key,
    outcome text not null check (outcome in ('closed', 'opened')),
    -- As SQL names it, and its number: another table of the same name has another.
    relation text not null,
    relation_id bigint not null,
    reason text,
    -- What ran, and for a closing what undoes it.
    sql text not null,
    undo text,
    at timestamptz not null default pg_catalog.clock_timestamp(),
    run_id text not null,
    tool_version text not null,
    performed_by text not null default session_user,
    client_address text default pg_catalog.host(pg_catalog.inet_client_addr()),
    application_name text default pg_catalog.current_setting('application_name')
);
comment on table grace_migrate.closings is 'grace-migrate: append-only log of tables closed in an emergency, with what undoes it';
alter table grace_migrate.closings enable row level security;
