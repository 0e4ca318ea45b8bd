-- What ran when, by whom and how it ended. Append-only: the last entry of a revision counts.
create table grace_migrate.history (
    id bigint generated always as identity primary key,
    version_table text not null,
    revision text not null,
    direction text not null check (direction in ('upgrade', 'downgrade')),
    outcome text not null check (outcome in ('applied', 'reverted', 'stamped', 'unstamped', 'adopted', 'accepted')),
    message text,
    revises text[] not null default '{}',
    depends_on text[] not null default '{}',
    labels text[] not null default '{}',
    up_checksum text,
    down_checksum text,
    verify_checksum text,
    digest text,
    up_script text,
    down_script text,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    duration_ms bigint not null,
    run_id text not null,
    tag text,
    tool_version text not null,
    performed_by text not null,
    client_address text,
    application_name text
);
comment on table grace_migrate.history is 'grace-migrate: append-only log of the revisions that ran';

create index history_by_revision on grace_migrate.history (version_table, revision, id desc);

-- Intent and completion of each statement of a script that runs outside a transaction.
create table grace_migrate.journal (
    version_table text not null,
    revision text not null,
    direction text not null check (direction in ('upgrade', 'downgrade')),
    statement integer not null,
    statements integer not null,
    checksum text not null,
    run_id text not null,
    started_at timestamptz not null default pg_catalog.clock_timestamp(),
    finished_at timestamptz,
    primary key (version_table, revision, direction, statement)
);
comment on table grace_migrate.journal is 'grace-migrate: statements done of scripts that run outside a transaction';
