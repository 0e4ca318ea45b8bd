//! The words of why no revision was made of a difference.

use std::collections::BTreeSet;

use super::db::server_words;
use crate::diff::{Change, ChangeKind};
use crate::migrator::{AutogenerateError, Fault, Leg, Part, Unproved};
use crate::render::words::plural;
use crate::render::{Description, Exit};
use crate::schema::facts::FactId;
use crate::source::UpFile;

/// How many changed facts are listed; the file with the evidence has all.
const LISTED: usize = 12;

/// Says what stands in the way: no file was written in any of these cases.
pub(super) fn describe(error: &AutogenerateError) -> Description {
    let code = error.code();
    match error {
        AutogenerateError::Destructive { steps, candidates } => {
            let message = format!(
                "{} with it",
                plural(
                    steps.len(),
                    "thing would be dropped, and its data",
                    "things would be dropped, and their data"
                )
            );
            let mut said = Description::new(code, Exit::Refused, message);
            for step in steps {
                said = said.fact([step.kind.to_string(), step.name()]);
            }
            for candidate in candidates {
                said = said.hint(format!("if it has another name now: `--rename {candidate}`"));
            }
            said.hint("if the data may go: `--allow-destructive`, or `allow-destructive` in `[schema]` of `grace-migrate.toml`")
        }
        AutogenerateError::RowsAgainst {
            part,
            revision: _,
            sql,
            error,
        } => {
            let said = Description::new(
                code,
                Exit::Refused,
                format!(
                    "rows that the revisions put in are against it{}: {}",
                    of(*part),
                    error.message
                ),
            );
            let said = match sql {
                Some(sql) => said.attachment(sql.clone()),
                None => said,
            };
            server_words(said, error)
                .hint("mend the rows in a revision of its own first: `grace-migrate revision -m \"<message>\"`")
                .hint("or declare what suits them: a default for a column that is not null, say")
        }
        AutogenerateError::FilesChanged { files } => {
            let message = "the revision files changed while it ran";
            let said = Description::new(code, Exit::Unavailable, message);
            let said = files.iter().fold(said, |said, (path, file)| {
                let what = match file {
                    UpFile::Came => "came",
                    UpFile::Went => "went",
                    UpFile::Changed => "changed",
                };
                said.fact([path.display().to_string(), what.to_owned()])
            });
            said.hint("run it again: it then begins from the files that are there now")
        }
        AutogenerateError::Excluded { objects, unproved } => excluded_words(code, objects, unproved),
        AutogenerateError::Unproved(unproved) => unproved_words(code, unproved),
    }
    .outcome("no file was written")
}

/// Which one of several.
fn of(part: Option<Part>) -> String {
    part.map(|part| format!(" ({part})")).unwrap_or_default()
}

fn excluded_words(
    code: &'static str,
    objects: &BTreeSet<FactId>,
    unproved: &Unproved,
) -> Description {
    let message = format!(
        "what is excluded differs from the declared schema, and what is done needs it{}",
        of(unproved.part)
    );
    let said = Description::new(code, Exit::Refused, message);
    let said = objects.iter().fold(said, |said, one| {
        said.fact([one.kind.to_string(), one.name()])
    });
    let said = match &unproved.fault {
        Fault::Failed { sql, error } => {
            let said = said.fact(["the server says", &error.message]);
            let said = match sql {
                Some(sql) => said.attachment(sql.clone()),
                None => said,
            };
            server_words(said, error)
        }
        Fault::Differs(_) | Fault::RowsLost { .. } => said,
    };
    said.hint("look at it, too: take it out of `exclude`, or into `include`, of `[schema]` or on the command line")
        .hint("or make it the same in a revision of its own: `grace-migrate revision -m \"<message>\"`")
}

fn unproved_words(code: &'static str, unproved: &Unproved) -> Description {
    let Unproved {
        leg,
        part,
        revision: _,
        fault,
        evidence,
    } = unproved;
    // All of them lead to the declared schema together.
    let part = match (fault, leg) {
        (Fault::Differs(_), Leg::Up) => String::new(),
        _ => of(*part),
    };
    let bug = |message: &str| Description::new(code, Exit::Bug, format!("{message}{part}"));
    let said = match (fault, leg) {
        (Fault::Failed { sql, error }, leg) => {
            let said = bug(match leg {
                Leg::Up => "a statement that was planned failed in a scratch database",
                Leg::Down => "a statement of the way back failed in a scratch database",
            })
            .fact(["the server says", &error.message]);
            let said = match sql {
                Some(sql) => said.attachment(sql.clone()),
                None => said,
            };
            server_words(said, error)
        }
        (Fault::RowsLost { lost, .. }, leg) => {
            let said = bug(match leg {
                Leg::Up => "made-up rows went on the way up, and it was not told that they would",
                Leg::Down => {
                    "made-up rows went on the way up and down, and it was not told that they would"
                }
            });
            lost.iter().take(LISTED).fold(said, |said, one| {
                let after = match one.after {
                    Some(after) => format!("{}, then {after}", plural_rows(one.before)),
                    None => format!("{}, then it was gone", plural_rows(one.before)),
                };
                said.fact([one.table.to_string(), after])
            })
        }
        (Fault::Differs(difference), leg) => {
            let said = bug(match leg {
                Leg::Up => "what was planned does not make the declared schema",
                Leg::Down => "the way back does not lead to what was there before",
            });
            let changes = difference.changes.iter();
            let said = changes
                .take(LISTED)
                .fold(said, |said, change| said.fact(told(change)));
            match difference.changes.len().saturating_sub(LISTED) {
                0 => said,
                more => said.fact(["and more", &more.to_string()]),
            }
        }
    };
    let said = said.hint(
        "an event trigger of the schema itself may be at work; if there is none, this is a mistake of grace-migrate: please report it",
    );
    let said = match evidence {
        Some(file) => said.hint(format!(
            "what to send along, definitions without any row of yours: `{}`",
            file.display()
        )),
        None => said,
    };
    match fault {
        Fault::Failed { .. } if unproved.part.is_some() => {
            said.hint("in one transaction it may work: `--no-online`")
        }
        Fault::Failed { .. } | Fault::Differs(_) | Fault::RowsLost { .. } => said,
    }
}

fn plural_rows(count: u64) -> String {
    plural(usize::try_from(count).unwrap_or(usize::MAX), "row", "rows")
}

fn told(change: &Change) -> [String; 2] {
    let what = match change.change {
        ChangeKind::Added => "is missing".to_owned(),
        ChangeKind::Removed => "is there, and should not be".to_owned(),
        ChangeKind::Changed => {
            let names: Vec<&str> = change
                .attributes
                .iter()
                .map(|one| one.name.as_str())
                .collect();
            format!("differs in {}", names.join(", "))
        }
    };
    [change.fact.to_string(), what]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum::Fingerprint;
    use crate::db::SqlState;
    use crate::diff::{Attribute, Rename};
    use crate::migrator::report::{SchemaDiff, StateView};
    use crate::render::describe::words::{server_error, shown};
    use crate::revision::RevisionId;
    use crate::samples::Lost;
    use crate::schema::facts::{FactId, Kind};

    fn view(state: &str) -> StateView {
        StateView {
            state: state.to_owned(),
            server_version_num: 150_004,
            fingerprint: Fingerprint::of(&[state.to_owned()]),
            facts: 3,
            unmodelled: Vec::new(),
            unseen: Vec::new(),
        }
    }

    #[test]
    fn every_error() {
        let table = FactId::new(Kind::Table, ["public", "t"]);
        let column = FactId::new(Kind::Column, ["public", "t", "a"]);
        let change = |change, attributes| Change {
            change,
            kind: Kind::Column,
            fact: column.clone(),
            object: table.clone(),
            attributes,
        };
        let part = Some(Part { nth: 2, of: 3 });
        let fault = Fault::Failed {
            sql: Some("ALTER TABLE public.t ALTER COLUMN a SET DEFAULT 'c'::kept.e".to_owned()),
            error: server_error(
                SqlState::INVALID_TEXT_REPRESENTATION,
                "invalid input value for enum kept.e: \"c\"",
            ),
        };
        let excluded = AutogenerateError::Excluded {
            objects: [FactId::new(Kind::Enum, ["kept", "e"])].into(),
            unproved: Box::new(Unproved {
                leg: Leg::Up,
                part: None,
                revision: None,
                fault,
                evidence: None,
            }),
        };
        let unproved = |leg, fault, evidence: Option<&str>| {
            AutogenerateError::Unproved(Box::new(Unproved {
                leg,
                part,
                revision: Some(RevisionId::parse("a1").unwrap()),
                fault,
                evidence: evidence.map(Into::into),
            }))
        };
        let differs = Attribute {
            name: "type".to_owned(),
            from: None,
            to: None,
        };
        let mut changes = vec![
            change(ChangeKind::Added, Vec::new()),
            change(ChangeKind::Changed, vec![differs]),
        ];
        changes.resize(14, change(ChangeKind::Removed, Vec::new()));
        let server = || {
            server_error(
                SqlState::UNDEFINED_COLUMN,
                "column \"a\" of relation \"t\" already exists",
            )
        };
        let files = [
            ("versions/a.up.sql", UpFile::Changed),
            ("versions/b2.up.sql", UpFile::Came),
            ("versions/c.up.sql", UpFile::Went),
        ];
        let files = files.map(|(path, file)| (path.into(), file)).into();
        let errors = [
            AutogenerateError::FilesChanged { files },
            excluded,
            AutogenerateError::RowsAgainst {
                part,
                revision: None,
                sql: Some("ALTER TABLE public.t ADD COLUMN a integer NOT NULL".to_owned()),
                error: server(),
            },
            AutogenerateError::Destructive {
                steps: vec![column.clone()],
                candidates: vec![Rename::parse("column:public.t.a=b").unwrap()],
            },
            AutogenerateError::Destructive {
                steps: vec![column.clone(), table.clone()],
                candidates: Vec::new(),
            },
            unproved(
                Leg::Up,
                Fault::Failed {
                    sql: Some("ALTER TABLE public.t ADD COLUMN a integer".to_owned()),
                    error: server(),
                },
                Some("/tmp/evidence.sql"),
            ),
            unproved(
                Leg::Down,
                Fault::Differs(Box::new(SchemaDiff {
                    from: view("what it makes"),
                    to: view("what it should make"),
                    objects: Vec::new(),
                    changes,
                })),
                None,
            ),
            unproved(
                Leg::Down,
                Fault::RowsLost {
                    lost: vec![
                        Lost {
                            table: table.clone(),
                            before: 3,
                            after: Some(2),
                        },
                        Lost {
                            table: table.clone(),
                            before: 1,
                            after: None,
                        },
                    ],
                    made_up: "do '';".to_owned(),
                },
                None,
            ),
        ];
        let said = errors.iter().map(|error| shown(&describe(error)));
        insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"));
    }
}
