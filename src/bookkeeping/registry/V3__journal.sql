-- What a later run has to know of a statement that another began, and what is told of one that
-- failed. It stays in the journal until it is done.
alter table grace_migrate.journal
    -- Where it stood in the script, and how it began.
    add column line integer,
    add column sql text,
    -- It runs in one transaction with its completion: begun and not done, it did not take effect.
    add column atomic boolean not null default false,
    -- The indexes that were there before it and that it could be mistaken to have made.
    add column indexes_before bigint[],
    add column failed_at timestamptz,
    add column sqlstate text,
    add column message text;
comment on table grace_migrate.journal is 'grace-migrate: statements begun and done of scripts that run outside a transaction';
