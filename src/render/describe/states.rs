//! The words of why a state cannot be read or written.

use super::db::server_words;
use crate::migrator::StateError;
use crate::render::words::plural;
use crate::render::{Description, Exit};

/// Says what is wrong: no database was changed in any of these cases.
pub(super) fn describe(error: &StateError) -> Description {
    let said = |message: String| Description::new(error.code(), Exit::Refused, message);
    let bug = |message: &str| Description::new(error.code(), Exit::Bug, message);
    match error {
        StateError::Unknown { text } => said(format!("`{text}` is no state"))
            .fact([
                "a state is",
                "`db`, `empty`, `head`, a revision, `file:PATH` or a URL",
            ])
            .hint("the database of the settings: `grace-migrate schema dump db`")
            .hint("what a file makes: `grace-migrate schema dump file:schema.sql`"),
        StateError::BadFile { findings } => {
            said("the file cannot be read as SQL".to_owned()).findings(findings.iter().cloned())
        }
        StateError::FileFailed { place, error } => server_words(
            said(format!(
                "the file failed in a scratch database: {}",
                error.message
            ))
            .at(place.clone()),
            error,
        ),
        StateError::Unmodelled { objects } => {
            let mut said = said(format!(
                "{} not looked at",
                plural(
                    objects.len(),
                    "object is of a kind that is",
                    "objects are of kinds that are"
                )
            ));
            for one in objects {
                said = said.fact([one.kind.as_str(), one.name.as_str()]);
            }
            said.hint("without `--strict` they are passed over, with a warning")
        }
        StateError::Cycle { facts } => {
            let mut said = bug("facts depend on each other, which is a mistake of grace-migrate");
            for fact in facts {
                said = said.fact([fact.to_string()]);
            }
            said.hint("please report it, with these facts")
        }
        StateError::SqlFailed { sql, error } => server_words(
            bug(
                "a state could not be made again from its SQL, which is a mistake of grace-migrate",
            )
            .fact(["the server says", &error.message])
            .attachment(sql.clone()),
            error,
        )
        .hint("please report it, with the statement"),
        StateError::NotWritten { path, reason } => {
            said(format!("`{}` cannot be written: {reason}", path.display()))
        }
    }
    .outcome("nothing was changed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{ServerError, SqlState};
    use crate::diagnostic::{Diagnostic, Place};
    use crate::render::describe::words::shown;
    use crate::schema::facts::{FactId, Kind, Unmodelled};
    use crate::sql::Span;

    #[test]
    fn every_error() {
        let text = "create table t (id integer);\ncreate tabel u ();\n";
        let place = Place::in_text("schema.sql", text, Span::new(36, 36));
        let server = || {
            Box::new(ServerError {
                severity: "ERROR".to_owned(),
                sqlstate: SqlState::SYNTAX_ERROR,
                message: "syntax error at or near \"tabel\"".to_owned(),
                detail: None,
                hint: None,
                position: Some(8),
                internal_query: None,
                internal_position: None,
                where_: None,
                schema: None,
                table: None,
                column: None,
                data_type: None,
                constraint: None,
            })
        };
        let errors = [
            StateError::Unknown {
                text: "nonsense".to_owned(),
            },
            StateError::BadFile {
                findings: vec![Diagnostic::error("unreadable-file", "it cannot be read")],
            },
            StateError::FileFailed {
                place: Some(place),
                error: server(),
            },
            StateError::Unmodelled {
                objects: vec![Unmodelled {
                    kind: "conversion".to_owned(),
                    name: "public.c".to_owned(),
                }],
            },
            StateError::Cycle {
                facts: vec![FactId::new(Kind::Table, ["public", "t"])],
            },
            StateError::SqlFailed {
                sql: "create tabel u ()".to_owned(),
                error: server(),
            },
            StateError::NotWritten {
                path: "out/x.sql".into(),
                reason: "no such file".to_owned(),
            },
        ];
        let said = errors.iter().map(|error| shown(&describe(error)));
        insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"));
    }
}
