-- The words are checked by who writes them: the server would read both checks anew for each entry.
alter table grace_migrate.history drop constraint history_direction_check,
    drop constraint history_outcome_check;

-- Appends one entry to the history, where nothing forbids it: the transaction is still the one that
-- the script began in ("within", unless null), and the migration lock is still this session's. The
-- lock is held twice over: giving back one hold tells, and leaves the other. Without a revision it
-- only looks.
--
-- "started_at" is the transaction's beginning where it is null.
--
-- A function, because a session plans what is in it once, and not once a step. Every name in it is
-- written with its schema: no path is set for it, which would be paid for with each call.
create function grace_migrate.record(
    within text, lock_class integer, lock_object integer,
    version_table text default null, revision text default null,
    direction text default null, outcome text default null, message text default null,
    revises text[] default null, depends_on text[] default null, labels text[] default null,
    up_checksum text default null, down_checksum text default null,
    verify_checksum text default null, digest text default null,
    up_script text default null, down_script text default null,
    started_at timestamptz default null, run_id text default null, tag text default null,
    tool_version text default null
) returns void language plpgsql as $record$
declare
    begun pg_catalog.timestamptz := coalesce(started_at, pg_catalog.transaction_timestamp());
begin
    if within operator(pg_catalog.<>) pg_catalog.pg_current_xact_id()::pg_catalog.text then
        raise exception 'this is not the transaction that the script began in'
            using errcode = 'GM001';
    end if;
    if not (pg_catalog.pg_advisory_unlock(lock_class, lock_object)
            and pg_catalog.pg_try_advisory_lock(lock_class, lock_object)) then
        raise exception 'the migration lock is not held by this session'
            using errcode = 'GM002';
    end if;
    if revision is null then
        return;
    end if;
    insert into grace_migrate.history (
        version_table, revision, direction, outcome, message, revises, depends_on, labels,
        up_checksum, down_checksum, verify_checksum, digest, up_script, down_script,
        started_at, finished_at, duration_ms,
        run_id, tag, tool_version, performed_by, client_address, application_name
    ) values (
        version_table, revision, direction, outcome, message, revises, depends_on, labels,
        up_checksum, down_checksum, verify_checksum, digest, up_script, down_script,
        begun, pg_catalog.clock_timestamp(),
        pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() operator(pg_catalog.-) begun)
            operator(pg_catalog.*) 1000,
        run_id, tag, tool_version, session_user, pg_catalog.host(pg_catalog.inet_client_addr()),
        pg_catalog.current_setting('application_name')
    );
end
$record$;
comment on function grace_migrate.record is 'grace-migrate: appends an entry to the history';
