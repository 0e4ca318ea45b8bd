//! The words of why a state cannot be read or written.

use std::collections::BTreeSet;

use super::db::server_words;
use crate::db::{ServerError, SqlState};
use crate::diff::BadRename;
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
                "`db`, `schema`, `head`, a revision, `current`, `empty`, `file:PATH` or a URL",
            ])
            .hint("the database of the settings: `grace-migrate schema dump db`")
            .hint("what a file makes: `grace-migrate schema dump file:schema.sql`"),
        StateError::BadFile { findings } => {
            let files: BTreeSet<_> = findings.iter().map(|one| one.place.as_ref()).collect();
            let files = files.into_iter().flatten().map(|place| &place.path);
            said(match files.collect::<BTreeSet<_>>().len() {
                0 | 1 => "the file cannot be read as SQL".to_owned(),
                more => format!("{more} files cannot be read as SQL"),
            })
            .findings(findings.iter().cloned())
        }
        StateError::BadData { findings } => said(match findings.len() {
            1 => "the rows of `--data` cannot be read as SQL".to_owned(),
            more => format!("the rows of `--data` cannot be read as SQL in {more} places"),
        })
        .findings(findings.iter().cloned()),
        StateError::FileFailed { place, error } => failed(
            said(format!(
                "the file failed in a scratch database: {}",
                error.message
            ))
            .at(place.clone()),
            error,
        ),
        StateError::NoDeclared { files } => files
            .iter()
            .fold(
                said("there is no declared schema".to_owned()),
                |said, file| said.fact(["looked for", &file.display().to_string()]),
            )
            .hint("write down what the revisions build: `grace-migrate schema dump head --split schema`")
            .hint("or say where it is: `files` or `command` in `[schema]` of `grace-migrate.toml`"),
        StateError::CommandFailed { command, failure } => {
            let said = said(format!(
                "`{}` told no schema: {}",
                command.join(" "),
                failure.reason
            ));
            let said = if failure.output.is_empty() {
                said
            } else {
                said.attachment(failure.output.clone())
            };
            said.hint("run it by hand; `command` in `[schema]` of `grace-migrate.toml` names it")
        }
        StateError::DeclaredFailed { place, error } => failed(
            said(format!(
                "the declared schema failed in a scratch database: {}",
                error.message
            ))
            .at(place.clone()),
            error,
        ),
        StateError::NotBuilt {
            revision,
            place,
            error,
        } => failed(
            said(format!(
                "revision `{revision}` failed in a scratch database: {}",
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
        StateError::Unseen { role, objects } => {
            let mut said = said(format!(
                "{} what `{role}` may not see",
                plural(objects.len(), "object holds", "objects hold")
            ));
            for one in objects {
                said = said.fact([one.to_string()]);
            }
            said.hint("read the database as the owner of the foreign server, or as a superuser")
                .hint("without `--strict` they are left out, with a warning")
        }
        StateError::Cycle { facts } => {
            let mut said = bug("facts depend on each other, which is a mistake of grace-migrate");
            for fact in facts {
                said = said.fact([fact.to_string()]);
            }
            said.hint("please report it, with these facts")
        }
        StateError::RowsHeld { changed, holders } => {
            let mut said = said(
                "PostgreSQL refuses to change a table whose rows are values of columns".to_owned(),
            );
            for id in changed {
                said = said.fact(["to change", &id.to_string()]);
            }
            for id in holders {
                said = said.fact(["has its rows for values", &id.to_string()]);
            }
            said.outcome("nothing was written")
                .hint("give those columns another type first, such as `jsonb`, in a revision of its own: `USING to_jsonb(…)`; and their own type again after the change")
                .hint("or have a composite type for them, which is not the table's own")
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
        StateError::BadRename {
            rename,
            place,
            reason,
        } => {
            let said = said(format!("`{rename}` cannot be renamed: {reason}")).at(place.clone());
            match place {
                _ if *reason == BadRename::Circle => said.hint("without the comments, by way of a name that nothing has: `--rename column:public.t.a=x --rename column:public.t.b=a --rename column:public.t.x=b`"),
                _ if *reason == BadRename::Stays => said.hint("what can move: a table with all that it has, a view, a sequence of no column, a type; as in `--rename table:public.notes=app.notes`"),
                Some(_) => said.hint("above a statement, a column or a value with its new name: `-- renamed-from: old_name`"),
                None => said.hint("as in `--rename table:public.notes=memos` and `--rename column:public.notes.body=text`"),
            }
        }
        StateError::NotWritten {
            path,
            reason,
            written,
        } => {
            let said = said(format!("`{}` cannot be written: {reason}", path.display()));
            if *written > 0 {
                let files = plural(*written, "file was", "files were");
                return said.outcome(format!("{files} written before"));
            }
            said
        }
    }
    .outcome("nothing was changed")
}

/// A command did what it was for, and what it has to say got lost.
pub fn not_printed(error: &std::io::Error) -> Description {
    let message = format!("not all of the output could be written to stdout: {error}");
    Description::new("not-written", Exit::Refused, message)
        .outcome("what was to be done is done; the output is not whole")
}

/// The server's words, and what helps where a role is not there.
fn failed(said: Description, error: &ServerError) -> Description {
    let said = server_words(said, error);
    match missing_role(error) {
        Some(hint) => said.hint(hint),
        None => said,
    }
}

/// What helps where a role is not there on a scratch server.
pub(in crate::render) fn missing_role(error: &ServerError) -> Option<String> {
    if error.sqlstate != SqlState::UNDEFINED_OBJECT {
        return None;
    }
    let rest = error.message.strip_prefix("role \"")?;
    let (role, _) = rest.split_once("\" does not exist")?;
    Some(format!(
        "a scratch server has the roles that the settings name: `roles = [\"{role}\"]` in `[schema]`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostic, Place};
    use crate::render::describe::words::{server_error, shown};
    use crate::revision::RevisionId;
    use crate::schema::facts::{FactId, Kind, Unmodelled};
    use crate::source::CommandFailure;
    use crate::sql::Span;

    #[test]
    fn every_error() {
        let text = "create table t (id integer);\ncreate tabel u ();\n";
        let place = Place::in_text("schema.sql", text, Span::new(36, 36));
        let server = || {
            Box::new(ServerError {
                position: Some(8),
                ..*server_error(SqlState::SYNTAX_ERROR, "syntax error at or near \"tabel\"")
            })
        };
        let errors = [
            StateError::Unknown {
                text: "nonsense".to_owned(),
            },
            StateError::BadFile {
                findings: vec![Diagnostic::error("unreadable-file", "it cannot be read")],
            },
            StateError::BadData {
                findings: vec![Diagnostic::error("unreadable-file", "it cannot be read")],
            },
            StateError::FileFailed {
                place: Some(place),
                error: server(),
            },
            StateError::NoDeclared {
                files: vec!["schema".into()],
            },
            StateError::CommandFailed {
                command: vec!["ddl".to_owned(), "--all".to_owned()],
                failure: CommandFailure {
                    reason: "exit status: 1".to_owned(),
                    output: "no models".to_owned(),
                },
            },
            StateError::DeclaredFailed {
                place: None,
                error: Box::new(ServerError {
                    sqlstate: SqlState::UNDEFINED_OBJECT,
                    message: "role \"app\" does not exist".to_owned(),
                    ..*server()
                }),
            },
            StateError::NotBuilt {
                revision: RevisionId::parse("a1").unwrap(),
                place: None,
                error: server(),
            },
            StateError::Unmodelled {
                objects: vec![Unmodelled {
                    kind: "conversion".to_owned(),
                    name: "public.c".to_owned(),
                }],
            },
            StateError::Unseen {
                role: "app".to_owned(),
                objects: vec![FactId::new(Kind::UserMapping, ["far", "reader"])],
            },
            StateError::Cycle {
                facts: vec![FactId::new(Kind::Table, ["public", "t"])],
            },
            StateError::RowsHeld {
                changed: vec![FactId::new(Kind::Column, ["public", "u", "id"])],
                holders: vec![FactId::new(Kind::Column, ["public", "s", "x"])],
            },
            StateError::SqlFailed {
                sql: "create tabel u ()".to_owned(),
                error: server(),
            },
            StateError::BadRename {
                rename: "column:public.t.a=b".to_owned(),
                place: None,
                reason: BadRename::Missing,
            },
            StateError::BadRename {
                rename: "a".to_owned(),
                place: Some(Place::in_text("schema.sql", text, Span::new(29, 29))),
                reason: BadRename::NotAbove,
            },
            StateError::BadRename {
                rename: "column:public.t.a=b".to_owned(),
                place: Some(Place::in_text("schema.sql", text, Span::new(29, 29))),
                reason: BadRename::Circle,
            },
            StateError::BadRename {
                rename: "index:public.notes.by_body=app.by_body".to_owned(),
                place: None,
                reason: BadRename::Stays,
            },
            StateError::NotWritten {
                path: "out/x.sql".into(),
                reason: "no such file".to_owned(),
                written: 0,
            },
            StateError::NotWritten {
                path: "out/y.sql".into(),
                reason: "no space left on device".to_owned(),
                written: 2,
            },
        ];
        let said = errors.iter().map(|error| shown(&describe(error)));
        insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"));
    }
}
