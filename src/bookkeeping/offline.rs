use super::lock::MigrationLock;
use super::record::{ENTRY_COLUMNS, Entry, entry_values, optional, text_array};
use super::rows::RowEdit;
use super::version_table::VersionTable;
use crate::sql::quote_literal;

/// A statement that fails unless the version table holds exactly these rows, and unless nobody
/// else migrates; the lock is kept until the transaction ends. The path must be empty.
#[must_use]
pub fn guard_sql(table: &VersionTable, rows: &[String], step: &str) -> String {
    let expected = text_array(rows);
    let (class, object) = MigrationLock::of(table).keys();
    let body = format!(
        "
declare
    found pg_catalog.text[];
begin
    if not pg_catalog.pg_try_advisory_xact_lock({class}, {object}) then
        raise exception 'another run holds the migration lock'
            using hint = {hint};
    end if;
    found := (select coalesce(pg_catalog.array_agg(version_num::pg_catalog.text
                  order by version_num::pg_catalog.text collate pg_catalog.\"C\"), '{{}}')
              from {table});
    if found <> {expected} then
        raise exception 'this script is for a database at %, and this one stands at %',
            {expected}, found
            using hint = {hint};
    end if;
end
",
        table = table.quoted(),
        hint = quote_literal(&format!("Nothing of step {step} was run.")),
    );
    format!("do {};", quote_literal(&body))
}

/// The statements that change the version rows, behind a guard that said what they are. The path
/// must be empty.
#[must_use]
pub fn rows_sql(table: &VersionTable, change: &RowEdit) -> String {
    let mut statements = Vec::new();
    if !change.delete.is_empty() {
        statements.push(format!(
            "delete from {} where version_num::pg_catalog.text = any ({});",
            table.quoted(),
            text_array(&change.delete)
        ));
    }
    for row in &change.insert {
        statements.push(format!(
            "insert into {} (version_num) values ({});",
            table.quoted(),
            quote_literal(row)
        ));
    }
    statements.join("\n")
}

/// A statement that appends the entry where the history exists; a database without one is adopted
/// by the next run.
#[must_use]
pub fn offline_entry_sql(table: &VersionTable, entry: &Entry, tag: Option<&str>) -> String {
    let body = format!(
        "
begin
    if pg_catalog.to_regclass('grace_migrate.history') is not null then
        insert into grace_migrate.history ({ENTRY_COLUMNS})
        values ({values},
            pg_catalog.transaction_timestamp(), pg_catalog.clock_timestamp(),
            (extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.transaction_timestamp()) * 1000)::bigint,
            'offline-' || pg_catalog.pg_current_xact_id()::pg_catalog.text, {tag}, {version},
            session_user, pg_catalog.host(pg_catalog.inet_client_addr()),
            pg_catalog.current_setting('application_name'));
        delete from grace_migrate.journal where version_table = {key} and revision = {revision};
    end if;
end
",
        values = entry_values(table, entry),
        key = quote_literal(&table.key()),
        revision = quote_literal(&entry.revision),
        tag = optional(tag),
        version = quote_literal(env!("CARGO_PKG_VERSION")),
    );
    format!("do {};", quote_literal(&body))
}
