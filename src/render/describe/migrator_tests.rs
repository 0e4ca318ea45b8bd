use std::collections::BTreeMap;
use std::time::Duration;

use super::describe;
use super::words::{server_error, shown};
use crate::bookkeeping::{BookkeepingError, LockHolder};
use crate::db::{PoolerSign, ServerError, SqlState};
use crate::diagnostic::{Diagnostic, Place};
use crate::graph::{Target, TargetError};
use crate::migrator::report::Obstacle;
use crate::migrator::{
    Error, Fate, Interruption, InvalidIndex, OneTransaction, Signal, StepCause, StepFailure,
    UnknownOutcome, UnknownRecord,
};
use crate::render::samples::{at, blocker, hidden_blocker, id, step};
use crate::revision::{Direction, RevisionId};
use crate::sql::{Missing, SessionBound, Span};

/// Each error as the command that meets it says it.
pub(super) fn said<'a>(errors: impl IntoIterator<Item = (&'a str, Error)>) -> String {
    let all: Vec<String> = errors
        .into_iter()
        .map(|(command, error)| shown(&describe(&error, command)))
        .collect();
    all.join("\n")
}

pub(super) fn text(text: &str) -> String {
    text.to_owned()
}

#[test]
fn requests() {
    let unknown = TargetError::Unknown {
        target: text("biling@head"),
        name: text("biling"),
        candidates: vec![text("billing")],
    };
    let about = BTreeMap::from([(
        text("billing"),
        (text("add invoices"), "v/b1.up.sql".into()),
    )]);
    let not_a_head = || Error::NotAHead {
        revision: id("a1"),
        children: vec![id("b1"), id("c1")],
    };
    insta::assert_snapshot!(said([
        (
            "upgrade",
            Error::Target {
                error: unknown,
                about
            }
        ),
        ("downgrade", Target::parse("a@b@c").unwrap_err().into()),
        (
            "revision",
            Error::BadName {
                what: "revision id",
                text: text("a b"),
                defect: RevisionId::parse("a b").unwrap_err(),
            },
        ),
        ("revision", not_a_head()),
        ("merge", not_a_head()),
        (
            "merge",
            Error::NothingToMerge {
                beneath: id("a1"),
                above: id("b1")
            }
        ),
        (
            "merge",
            Error::MergeOfOne {
                revision: Some(id("a1"))
            }
        ),
        ("merge", Error::MergeOfOne { revision: None }),
        (
            "edit",
            Error::NotOneRevision {
                target: text("base"),
                revisions: Vec::new(),
            },
        ),
        (
            "log",
            Error::NotOneRevision {
                target: text("heads"),
                revisions: vec![id("a1"), id("b1")],
            },
        ),
        (
            "revision",
            Error::NotAPair {
                text: text("table")
            }
        ),
        (
            "revision",
            Error::OptionNeeds {
                option: "--rename",
                needed: "--autogenerate"
            }
        ),
        (
            "upgrade",
            Error::RangeNeedsSql {
                direction: Direction::Upgrade,
                range: text("a:b")
            },
        ),
        ("setup", Error::NotForSetup { option: "--sql" }),
        (
            "man",
            Error::NoSuchCommand {
                name: text("frobnicate")
            }
        ),
        ("edit", Error::NoDownScript { revision: id("a1") }),
        (
            "stamp",
            Error::NotApplied {
                revision: text("a1")
            }
        ),
        ("stamp", Error::NoHistory),
        (
            "downgrade",
            Error::NotInHistory {
                revision: text("a1")
            }
        ),
    ]));
}

#[test]
fn surroundings() {
    insta::assert_snapshot!(said([
        (
            "edit",
            Error::NoProgram {
                program: text("vi"),
                reason: text("not found")
            }
        ),
        (
            "edit",
            Error::EditorFailed {
                command: text("vi"),
                reason: text("exit status: 1")
            }
        ),
        (
            "revision",
            Error::EditorFailed {
                command: text("vi"),
                reason: text("exit status: 1")
            }
        ),
        (
            "migrate",
            Error::EditorFailed {
                command: text("vi"),
                reason: text("exit status: 1")
            }
        ),
        (
            "migrate",
            Error::NoProgram {
                program: text("vi"),
                reason: text("not found")
            }
        ),
        (
            "heads",
            Error::NoCurrentFolder {
                reason: text("no such directory")
            }
        ),
        (
            "upgrade",
            Error::NoRuntime {
                reason: text("too many open files")
            }
        ),
        ("db url", Error::ServerNotRunning),
        (
            "db stop",
            Error::NotEmbedded {
                url: text("postgres://db.example/app")
            }
        ),
        (
            "db reset",
            Error::Unconfirmed {
                command: "db reset"
            }
        ),
        ("repair", Error::Unconfirmed { command: "repair" }),
        ("repair", Error::RepairMoved),
        (
            "upgrade",
            Error::Pooler {
                sign: PoolerSign::Parameter,
            },
        ),
        (
            "upgrade",
            Error::Pooler {
                sign: PoolerSign::Processes,
            },
        ),
        ("upgrade", Error::ReadOnly { standby: true }),
        ("upgrade", Error::ReadOnly { standby: false }),
    ]));
}

#[test]
fn plans_that_cannot_run() {
    let line = "begin;\n";
    let finding = |code| {
        Diagnostic::error(code, "`BEGIN` may not stand in a script").at(Place::in_text(
            "versions/a1.up.sql",
            line,
            Span::new(0, 5),
        ))
    };
    let places = vec![Place::file("versions/a1.up.sql")];
    insta::assert_snapshot!(said([
        (
            "upgrade",
            Error::Unrunnable {
                findings: vec![finding("transaction-control-in-script")]
            },
        ),
        (
            "downgrade",
            Error::NoWayBack {
                steps: vec![
                    (
                        id("c1"),
                        Obstacle::Irreversible {
                            reason: text("the data is gone")
                        },
                        "versions/c1.up.sql".into(),
                    ),
                    (
                        id("b1"),
                        Obstacle::NoDownScript,
                        "versions/b1.up.sql".into()
                    ),
                    (id("a1"), Obstacle::FileGone, "history:a1.up.sql".into()),
                ],
            },
        ),
        (
            "upgrade",
            Error::NeedsOwnTransaction {
                places: places.clone(),
                reason: OneTransaction::Rehearsal
            },
        ),
        (
            "upgrade",
            Error::NeedsOwnTransaction {
                places: places.clone(),
                reason: OneTransaction::Pooler
            },
        ),
        (
            "upgrade",
            Error::NeedsOwnTransaction {
                places,
                reason: OneTransaction::Scope
            }
        ),
    ]));
}

fn server(message: &str) -> Box<ServerError> {
    Box::new(ServerError {
        detail: Some(text("Key (a)=(1) already exists.")),
        ..*server_error(SqlState::from_code("23505"), message)
    })
}

pub(super) fn failure(cause: StepCause, fate: Fate, done: usize) -> Error {
    Error::StepFailed(Box::new(step_failure(cause, fate, done)))
}

/// A step that could not have a lock.
fn locked(fate: Fate, rehearsal: bool) -> Error {
    let cause = StepCause::Statement(Box::new(ServerError {
        sqlstate: SqlState::LOCK_NOT_AVAILABLE,
        detail: None,
        ..*server("canceling statement due to lock timeout")
    }));
    let one = fate == Fate::RunRolledBack;
    Error::StepFailed(Box::new(StepFailure {
        attempts: if one { 1 } else { 5 },
        blocked_by: vec![blocker(), hidden_blocker()],
        rehearsal,
        ..step_failure(cause, fate, 1)
    }))
}

fn step_failure(cause: StepCause, fate: Fate, done: usize) -> StepFailure {
    let done = (0..done).map(|_| step(Direction::Upgrade, "a1", "first", 3));
    StepFailure {
        step: 2,
        steps: 3,
        direction: Direction::Upgrade,
        revision: id("b1"),
        cause,
        place: None,
        done: done.collect(),
        fate,
        stands_at: Some(vec![text("a1")]),
        rehearsal: false,
        pooled: false,
        attempts: 1,
        blocked_by: Vec::new(),
    }
}

#[test]
fn steps_that_failed() {
    let (statement, statements) = (2, 5);
    let causes = vec![
        failure(
            StepCause::Statement(server("duplicate key")),
            Fate::RolledBack,
            0,
        ),
        failure(StepCause::Verify(server("not so")), Fate::RolledBack, 1),
        failure(StepCause::Commit(server("deferred")), Fate::RolledBack, 2),
        failure(
            StepCause::Bookkeeping(server("denied")),
            Fate::RunRolledBack,
            1,
        ),
        failure(
            StepCause::CommitLost(text("the server closed the connection")),
            Fate::RolledBack,
            1,
        ),
        failure(
            StepCause::Link(text("the connection was lost during a script")),
            Fate::LeftToServer { whole_run: false },
            1,
        ),
        failure(
            StepCause::Link(text("the connection was lost during a script")),
            Fate::LeftToServer { whole_run: true },
            1,
        ),
        failure(StepCause::RowsMoved, Fate::Untouched, 1),
        failure(StepCause::LockTaken, Fate::Untouched, 2),
        failure(StepCause::TransactionEnded, Fate::Committed, 0),
        failure(StepCause::TransactionEnded, Fate::RolledBack, 1),
        failure(StepCause::LockLost, Fate::RolledBack, 0),
        failure(StepCause::RowsMoved, Fate::RolledBack, 0),
        failure(
            StepCause::CompletedStatementEdited { statement },
            Fate::Partly {
                done: statement,
                statements,
            },
            0,
        ),
        failure(
            StepCause::InDoubt { statement },
            Fate::Partly {
                done: 1,
                statements,
            },
            0,
        ),
        failure(
            StepCause::Link(text("the connection was lost")),
            Fate::RolledBack,
            0,
        ),
        locked(Fate::RolledBack, false),
        locked(Fate::RunRolledBack, false),
        locked(Fate::RunRolledBack, true),
    ];
    insta::assert_snapshot!(said(causes.into_iter().map(|one| ("upgrade", one))));
}

#[test]
fn what_a_new_session_lacks() {
    let bound = [
        SessionBound::Temporary(text("x")),
        SessionBound::Cursor(text("c")),
        SessionBound::Setting(Some(text("search_path"))),
        SessionBound::Setting(None),
    ];
    let fate = Fate::Partly {
        done: 2,
        statements: 5,
    };
    insta::assert_snapshot!(said(bound.map(|what| {
        let missing = Missing {
            what,
            made_by: 0,
            needed_by: 3,
        };
        (
            "upgrade",
            failure(StepCause::MissingInSession(missing), fate, 0),
        )
    })));
}

#[test]
fn indexes_that_are_invalid() {
    let fate = Fate::Partly {
        done: 1,
        statements: 3,
    };
    let kinds = [
        InvalidIndex::Foreign,
        InvalidIndex::Still,
        InvalidIndex::Busy,
    ];
    let invalid = kinds.map(|kind| StepCause::InvalidIndex {
        index: text("public.t_n"),
        kind,
    });
    let failed = StepCause::BuildFailed {
        error: server("could not create unique index"),
        left: vec![text("public.t_n")],
    };
    let causes = std::iter::once(failed).chain(invalid);
    insta::assert_snapshot!(said(
        causes.map(|cause| ("upgrade", failure(cause, fate, 0)))
    ));
}

#[test]
fn runs_that_were_stopped() {
    let stopped = |signal, revision: Option<&str>, fate, stands_at: Option<Vec<String>>| {
        Error::Interrupted(Box::new(Interruption {
            signal,
            revision: revision.map(id),
            done: revision
                .map(|_| step(Direction::Upgrade, "a1", "first", 3))
                .into_iter()
                .collect(),
            fate,
            stands_at,
        }))
    };
    let unknown = |whole_run| {
        Error::OutcomeUnknown(Box::new(UnknownOutcome {
            revision: id("b1"),
            direction: Direction::Upgrade,
            run_id: text("20200102T030405-0a1b2c3d"),
            transaction: text("4711"),
            reason: text("no server could be reached"),
            whole_run,
            done: Vec::new(),
            unsure: vec![step(Direction::Upgrade, "b1", "second", 3)],
        }))
    };
    let record_unknown = |entry| {
        Error::RecordUnknown(Box::new(UnknownRecord {
            run_id: text("20200102T030405-0a1b2c3d"),
            entry,
            transaction: text("4711"),
            reason: text("no server could be reached"),
        }))
    };
    insta::assert_snapshot!(said([
        (
            "upgrade",
            stopped(Signal::Interrupt, None, Fate::Untouched, None)
        ),
        (
            "upgrade",
            stopped(
                Signal::Interrupt,
                Some("b1"),
                Fate::RolledBack,
                Some(vec![text("a1")])
            ),
        ),
        (
            "upgrade",
            stopped(Signal::Terminate, Some("b1"), Fate::RolledBack, None)
        ),
        ("upgrade", unknown(false)),
        ("upgrade", unknown(true)),
        (
            "stamp",
            record_unknown(Some((text("it's"), Direction::Upgrade)))
        ),
        ("repair", record_unknown(None)),
        (
            "stamp",
            Error::NotRecorded {
                reason: text("the server closed the connection"),
            }
        ),
    ]));
}

#[test]
fn bookkeeping() {
    let holder = LockHolder {
        pid: 4711,
        application_name: Some(text("grace-migrate")),
        user: Some(text("maria")),
        client_address: Some(text("10.0.0.7")),
        since: Some(at(3)),
    };
    let waited = Duration::from_secs(60);
    let errors = vec![
        BookkeepingError::Locked {
            waited,
            holder: Some(holder),
        },
        BookkeepingError::Locked {
            waited,
            holder: None,
        },
        BookkeepingError::LockLost,
        BookkeepingError::NotAVersionTable {
            table: text("public.alembic_version"),
            columns: vec![text("id integer"), text("note text")],
        },
        BookkeepingError::NoSchema {
            schema: text("Ops"),
        },
        BookkeepingError::RowsMoved {
            expected: (1, 1),
            found: (0, 1),
        },
        BookkeepingError::TransactionEnded,
        BookkeepingError::RegistryNewer { found: 3, known: 1 },
        BookkeepingError::Registry {
            message: text("permission denied for database app"),
        },
    ];
    let errors = errors
        .into_iter()
        .map(|error| ("upgrade", Error::Bookkeeping(error)));
    insta::assert_snapshot!(said(errors));
}
