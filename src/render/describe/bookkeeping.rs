use chrono::SecondsFormat;

use crate::bookkeeping::{BookkeepingError, LockHolder};
use crate::render::{Description, Exit};

pub(super) fn describe(error: &BookkeepingError) -> Description {
    let code = error.code();
    match error {
        BookkeepingError::Locked { waited, holder } => {
            let described = Description::new(
                code,
                Exit::Unavailable,
                format!(
                    "another run holds the migration lock, and held it for the {} s that we waited",
                    waited.as_secs()
                ),
            )
            .outcome("nothing was run");
            match holder {
                Some(holder) => holder_facts(described, holder).hint(format!(
                    "to end it: `select pg_terminate_backend({});`",
                    holder.pid
                )),
                None => described,
            }
            .hint("to wait longer: `--lock-wait 10min`")
        }
        BookkeepingError::LockLost => Description::new(
            code,
            Exit::Failed,
            "the migration lock was lost: something in the session released it",
        )
        .outcome("what was not committed is rolled back")
        .hint("look for `pg_advisory_unlock_all()` or `DISCARD ALL` in a function that the script calls"),
        BookkeepingError::NotAVersionTable { table, columns } => columns
            .iter()
            .fold(
                Description::new(
                    code,
                    Exit::Refused,
                    format!("`{table}` exists and is no version table: it has no column `version_num`"),
                ),
                |described, column| described.fact([column.as_str()]),
            )
            .outcome("nothing was run")
            .hint("name another table: `[version-table] name = \"…\"` in grace-migrate.toml"),
        BookkeepingError::NoSchema { schema } => Description::new(
            code,
            Exit::Refused,
            format!("the version table's schema `{schema}` does not exist"),
        )
        .outcome("nothing was run")
        .hint(format!(
            "create it first: `create schema {};`",
            crate::sql::quote_ident(schema)
        ))
        .hint("or name another: `[version-table] schema = \"…\"` in grace-migrate.toml"),
        BookkeepingError::RowsMoved { expected, found } => Description::new(
            code,
            Exit::Failed,
            "the version table changed under the run",
        )
        .fact(["rows deleted", &format!("{} of {}", found.0, expected.0)])
        .fact(["rows inserted", &format!("{} of {}", found.1, expected.1)])
        .outcome("rolled back")
        .hint("see who else writes it, then run the same command again: `grace-migrate current`"),
        BookkeepingError::TransactionEnded => Description::new(
            code,
            Exit::Failed,
            "the script ended the transaction that it ran in",
        )
        .outcome("what it committed itself stays; nothing is recorded as applied")
        .hint("mark the script `-- transaction: off` if it must commit by itself"),
        BookkeepingError::RegistryNewer { found, known } => Description::new(
            code,
            Exit::Refused,
            format!(
                "a newer grace-migrate keeps this database's history: its schema is at version \
                 {found}, this program knows {known}"
            ),
        )
        .outcome("nothing was run")
        .hint("install the newer version"),
        BookkeepingError::Registry { message } => Description::new(
            code,
            Exit::Failed,
            "the `grace_migrate` schema cannot be brought up to date",
        )
        .fact([message.as_str()])
        .outcome("no revision was run")
        .hint("the user needs the right to create a schema here: `grant create on database … to …;`"),
        BookkeepingError::Db(error) => super::db::describe(error),
    }
}

fn holder_facts(described: Description, holder: &LockHolder) -> Description {
    // Of other users' sessions the server tells those with `pg_read_all_stats` alone.
    let since = holder
        .since
        .map(|since| since.to_rfc3339_opts(SecondsFormat::Secs, true));
    let from = match &holder.client_address {
        None if since.is_some() => Some("local socket"),
        address => address.as_deref(),
    };
    let facts = [
        ("application", holder.application_name.as_deref()),
        ("user", holder.user.as_deref()),
        ("from", from),
        ("since", since.as_deref()),
    ];
    facts.into_iter().fold(
        described.fact(["pid", &holder.pid.to_string()]),
        |described, (name, value)| match value {
            Some(value) => described.fact([name, value]),
            None => described,
        },
    )
}
