use super::graph::Asked;
use crate::db::ServerError;
use crate::migrator::report::{Obstacle, StepReport};
use crate::migrator::{
    DisagreementReport, Error, Fate, Interruption, Signal, StepCause, StepFailure,
};
use crate::render::{Description, Exit, unified};
use crate::revision::Direction;

const NOTHING: &str = "nothing was run";

/// What is said of an error; `command` is the command as it was typed, up to its target.
#[must_use]
pub fn describe(error: &Error, command: &str) -> Description {
    let code = error.code();
    match error {
        Error::Config(error) => super::config::describe(error),
        Error::Source(error) => super::source::describe(error),
        Error::Target { error, about } => super::graph::target(
            error,
            &Asked {
                command,
                about: &|id| match about.get(id) {
                    Some((message, path)) => vec![message.clone(), path.display().to_string()],
                    None => Vec::new(),
                },
            },
        )
        .outcome(NOTHING),
        Error::BadName { what, text, defect } => {
            refused(code, format!("`{text}` is no {what}: {defect}"))
        }
        Error::TargetSyntax(error) => super::graph::target_defect(error).outcome(NOTHING),
        Error::Engine(error) => super::engine::describe(error),
        Error::Db(error) => super::db::describe(error),
        Error::Bookkeeping(error) => super::bookkeeping::describe(error),
        Error::Disagreement { disagreements } => disagreement(code, disagreements),
        Error::Unrunnable { findings } => Description::new(
            code,
            Exit::Refused,
            match findings.len() {
                1 => "a script of the plan cannot run as it is".to_owned(),
                n => format!("the plan's scripts have {n} places that cannot run as they are"),
            },
        )
        .findings(findings.iter().cloned())
        .outcome(NOTHING),
        Error::NoWayBack { steps } => steps
            .iter()
            .fold(
                Description::new(
                    code,
                    Exit::Refused,
                    match steps.as_slice() {
                        [(revision, ..)] => format!("there is no way back from `{revision}`"),
                        _ => format!("there is no way back from {} revisions", steps.len()),
                    },
                ),
                |described, (revision, obstacle, path)| {
                    described.fact([
                        revision.to_string(),
                        obstacle_words(obstacle),
                        path.display().to_string(),
                    ])
                },
            )
            .outcome(NOTHING)
            .hint("go back by hand, then say so: `grace-migrate stamp <target>`"),
        Error::NeedsOwnTransaction { places, rehearsal } => places
            .iter()
            .fold(
                Description::new(
                    code,
                    Exit::Refused,
                    if *rehearsal {
                        "a script that runs outside a transaction cannot be rehearsed"
                    } else {
                        "a script that runs outside a transaction cannot share one"
                    },
                ),
                |described, place| described.fact([place.to_string()]),
            )
            .outcome(NOTHING)
            .hint(if *rehearsal {
                "rehearse up to the revision before it: `grace-migrate upgrade <revision> --rehearse`"
            } else {
                "give each revision its own: `--transaction revision`"
            }),
        Error::StepFailed(failure) => step_failed(code, failure),
        Error::Interrupted(interruption) => interrupted(code, interruption),
        Error::OutcomeUnknown {
            revision,
            direction,
            run_id,
        } => Description::new(
            code,
            Exit::Unknown,
            format!("the link was lost at COMMIT of `{revision}` ({direction}), and the server cannot be reached to ask what became of it"),
        )
        .fact(["run", run_id.as_str()])
        .hint(format!(
            "this tells, a row means committed: `select * from grace_migrate.history where run_id = '{run_id}' and revision = '{revision}';`"
        )),
        Error::ReadOnly { standby } => Description::new(
            code,
            Exit::Refused,
            if *standby {
                "the server is a standby: it only reads"
            } else {
                "the server is set to read only (`default_transaction_read_only`)"
            },
        )
        .outcome(NOTHING)
        .hint("connect to the primary: `target_session_attrs=read-write` in the URL"),
        Error::NotEmbedded { url } => Description::new(
            code,
            Exit::Refused,
            "this project's database is not the embedded server",
        )
        .fact(["url", url.as_str()])
        .outcome("nothing was done")
        .hint("for the embedded one: `grace-migrate --url embedded db status`"),
        Error::RangeNeedsSql { direction, range } => Description::new(
            code,
            Exit::Refused,
            format!("`{range}` is a range: a database starts where it stands"),
        )
        .outcome(NOTHING)
        .hint(format!("for an offline script: `grace-migrate {direction} {range} --sql`"))
        .hint(format!(
            "to run from where the database stands: `grace-migrate {direction} <target>`"
        )),
        Error::NotApplied { revision } => Description::new(
            code,
            Exit::Refused,
            format!("revision `{revision}` is not applied to this database"),
        )
        .outcome("nothing was changed")
        .hint("see what is: `grace-migrate current`"),
        Error::NoHistory => Description::new(
            code,
            Exit::Refused,
            "this database has no history of grace-migrate yet",
        )
        .outcome("nothing was changed")
        .hint("the first `upgrade` or `stamp` makes one and adopts what stands there"),
        Error::NotInHistory { revision } => Description::new(
            code,
            Exit::Refused,
            format!("the history keeps no down script of `{revision}`"),
        )
        .outcome(NOTHING)
        .hint("restore its files from version control")
        .hint("or forget its row: `grace-migrate stamp <target> --purge`"),
        Error::NotForSetup { option } => refused(code, format!("`setup` has no `{option}`"))
            .hint("once the database exists: `grace-migrate upgrade --dry-run`"),
        Error::NoSuchCommand { name } => refused(code, format!("there is no command `{name}`"))
            .hint("all of them: `grace-migrate --help`"),
        Error::NoCurrentFolder { reason } => {
            refused(code, format!("the current folder cannot be read: {reason}"))
        }
        Error::NoRuntime { reason } => Description::new(
            code,
            Exit::Bug,
            format!("the system refused what the program needs to run: {reason}"),
        ),
        Error::ServerNotRunning => refused(code, "the embedded server does not run")
            .hint("start it: `grace-migrate db start`"),
        Error::NoProgram { program, reason } => {
            refused(code, format!("`{program}` cannot be run: {reason}"))
        }
        Error::EditorFailed { command, reason } => {
            Description::new(code, Exit::No, format!("the editor `{command}` failed: {reason}"))
        }
        Error::NotAPair { text } => refused(code, format!("`{text}` is not `KEY=VALUE`"))
            .hint("for example `--set table=invoices`"),
        Error::Unconfirmed { command } => {
            refused(code, format!("`{command}` deletes the data, and was not confirmed"))
                .hint(format!("without asking: `grace-migrate {command} --yes`"))
        }
        Error::NotAHead { revision, children } => children
            .iter()
            .fold(
                refused(
                    code,
                    format!("`{revision}` is no head: it has a child already"),
                ),
                |described, child| described.fact(["child", child.as_str()]),
            )
            .hint("to begin a new branch there: `--splice`")
            .hint("to go on at the end of the line: `--head head`"),
        Error::NothingToMerge { beneath, above } => refused(
            code,
            format!("`{beneath}` stands beneath `{above}` already: there is nothing to merge"),
        )
        .hint("see the heads: `grace-migrate heads`"),
        Error::NoDownScript { revision } => {
            refused(code, format!("`{revision}` has no down script"))
        }
        Error::MergeOfOne { revision } => refused(
            code,
            format!("a merge has at least two parents, and `{revision}` is one"),
        )
        .hint("see the heads: `grace-migrate heads`"),
        Error::NotYet { what } => Description::new(
            code,
            Exit::Refused,
            format!("{what} is not in this version of grace-migrate"),
        )
        .outcome("nothing was done"),
    }
}

fn refused(code: &'static str, message: impl Into<String>) -> Description {
    Description::new(code, Exit::Refused, message).outcome("nothing was done")
}

fn obstacle_words(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::Irreversible { reason } => format!("irreversible: {reason}"),
        Obstacle::NoDownScript => "has no down script".to_owned(),
        Obstacle::FileGone => "its files are gone".to_owned(),
    }
}

fn disagreement(code: &'static str, all: &[DisagreementReport]) -> Description {
    let headline = match all {
        [DisagreementReport::Edited { revision, .. }] => {
            format!("revision `{revision}` is applied, and its up script was edited since")
        }
        [DisagreementReport::UnknownRow { row, .. }] => {
            format!("the version table holds `{row}`, which no revision file knows")
        }
        [
            DisagreementReport::Hole {
                revision, above, ..
            },
        ] => format!("revision `{revision}` was never run, though `{above}` above it is applied"),
        _ => format!("the history and the files disagree in {} places", all.len()),
    };
    let mut described = Description::new(code, Exit::No, headline).outcome(NOTHING);
    let mut diffs = String::new();
    for one in all {
        match one {
            DisagreementReport::Edited {
                revision,
                path,
                applied,
                file,
            } => {
                described = described.fact([
                    revision.to_string(),
                    "edited after it was applied".to_owned(),
                    path.display().to_string(),
                ]);
                if let Some(applied) = applied {
                    diffs.push_str(&unified(
                        &format!("{revision} as applied"),
                        &path.display().to_string(),
                        applied,
                        file,
                    ));
                }
            }
            DisagreementReport::UnknownRow {
                row,
                message,
                down_script,
            } => {
                described = described.fact([
                    row.clone(),
                    if *down_script {
                        "no file; the history keeps its down script".to_owned()
                    } else {
                        "no file".to_owned()
                    },
                    message.clone().unwrap_or_default(),
                ]);
            }
            DisagreementReport::Hole {
                revision,
                path,
                above,
            } => {
                described = described.fact([
                    revision.to_string(),
                    format!("not applied, beneath `{above}`"),
                    path.display().to_string(),
                ]);
            }
        }
    }
    if !diffs.is_empty() {
        described = described.attachment(diffs);
    }
    disagreement_hints(described, all)
}

fn disagreement_hints(mut described: Description, all: &[DisagreementReport]) -> Description {
    let first = |pick: fn(&DisagreementReport) -> Option<String>| all.iter().find_map(pick);
    if let Some(revision) = first(|one| match one {
        DisagreementReport::Edited { revision, .. } => Some(revision.to_string()),
        _ => None,
    }) {
        described = described
            .hint("restore the script, and put the change into a new revision: `grace-migrate revision -m \"…\"`")
            .hint(format!(
                "or, if the database has the change already: `grace-migrate stamp --accept-edit {revision}`"
            ));
    }
    if let Some(kept) = first(|one| match one {
        DisagreementReport::UnknownRow { down_script, .. } => Some(down_script.to_string()),
        _ => None,
    }) {
        described =
            described.hint("restore the file: it may be on another branch of your repository");
        if kept == "true" {
            described = described.hint(
                "or undo it by the history's script: `grace-migrate downgrade -1 --from-history`",
            );
        }
    }
    if let Some(hole) = first(|one| match one {
        DisagreementReport::Hole { revision, .. } => Some(revision.to_string()),
        _ => None,
    }) {
        described = described
            .hint(format!(
                "let it come after what is applied: change `-- revises:` of `{hole}` to a head"
            ))
            .hint("or run it by hand and say so: `grace-migrate stamp current`");
    }
    described
}

fn step_failed(code: &'static str, failure: &StepFailure) -> Description {
    let StepFailure {
        direction,
        revision,
        cause,
        place,
        ..
    } = failure;
    let verb = match direction {
        Direction::Upgrade => "upgrade to",
        Direction::Downgrade => "downgrade of",
    };
    let what = |text: &str| format!("{verb} `{revision}` failed: {text}");
    let described = match cause {
        StepCause::Statement(error) => server_facts(code, what(&error.message), error),
        StepCause::Verify(error) => server_facts(
            code,
            what(&format!("its verify script says: {}", error.message)),
            error,
        ),
        StepCause::Commit(error) => {
            server_facts(code, what(&format!("at COMMIT: {}", error.message)), error)
        }
        StepCause::Bookkeeping(error) => server_facts(
            code,
            what(&format!("it could not be recorded: {}", error.message)),
            error,
        ),
        StepCause::TransactionEnded => Description::new(
            code,
            Exit::Failed,
            what("the script ended the transaction that it ran in"),
        )
        .hint("mark the script `-- transaction: off` if it must commit by itself"),
        StepCause::LockLost => Description::new(
            code,
            Exit::Failed,
            what("the migration lock was lost: something in the session released it"),
        ),
        StepCause::RowsMoved => Description::new(
            code,
            Exit::Failed,
            what("the version table changed under the run"),
        ),
        StepCause::CompletedStatementEdited { statement } => Description::new(
            code,
            Exit::Failed,
            what(&format!(
                "statement {statement} was edited after an earlier run completed it"
            )),
        )
        .hint("restore the statement; what is not done yet may be changed freely"),
        StepCause::InDoubt { statement } => in_doubt(code, what, *statement, failure),
        StepCause::Link(message) => Description::new(code, Exit::Failed, what(message))
            .hint("run the same command again: it goes on where the database stands"),
    };
    described.at(place.clone()).outcome(fate(
        failure.fate,
        &failure.done,
        failure.stands_at.as_deref(),
        failure.rehearsal,
    ))
}

fn in_doubt(
    code: &'static str,
    what: impl Fn(&str) -> String,
    statement: usize,
    failure: &StepFailure,
) -> Description {
    let here = format!(
        "where revision = '{}' and direction = '{}' and statement = {}",
        failure.revision,
        failure.direction,
        statement - 1
    );
    Description::new(
        code,
        Exit::Failed,
        what(&format!(
            "an earlier run began statement {statement} and was cut off before it could say how that ended"
        )),
    )
    .hint("look at the database: did the statement take effect?")
    .hint(format!("if it did: `update grace_migrate.journal set finished_at = now() {here};`"))
    .hint(format!("if it did not: `delete from grace_migrate.journal {here};`"))
}

/// The server's own words: SQLSTATE, detail, hint, context.
fn server_facts(code: &'static str, headline: String, error: &ServerError) -> Description {
    super::db::server_facts(Description::new(code, Exit::Failed, headline), error)
}

fn fate(fate: Fate, done: &[StepReport], stands_at: Option<&[String]>, rehearsal: bool) -> String {
    let mut text = match fate {
        Fate::Untouched => return NOTHING.to_owned(),
        Fate::RolledBack => "rolled back".to_owned(),
        Fate::RunRolledBack => "everything was rolled back".to_owned(),
        Fate::Partly { done, statements } => {
            format!(
                "{done} of {statements} statements are done and stay; the next run goes on after them"
            )
        }
        Fate::Committed => {
            "what the script committed itself stays; nothing is recorded as applied".to_owned()
        }
    };
    if !done.is_empty() && !matches!(fate, Fate::RunRolledBack) && !rehearsal {
        let steps = if done.len() == 1 { "step" } else { "steps" };
        text.push_str(&format!("; {} {steps} before it stay", done.len()));
    }
    match stands_at {
        Some([]) => text.push_str("; the database stands at base"),
        Some(rows) => text.push_str(&format!("; the database stands at {}", rows.join(", "))),
        None => text.push_str("; the server could not be asked where the database stands"),
    }
    text
}

fn interrupted(code: &'static str, stopped: &Interruption) -> Description {
    let (exit, word) = match stopped.signal {
        Signal::Interrupt => (Exit::Interrupted, "interrupted"),
        Signal::Terminate => (Exit::Terminated, "terminated"),
    };
    let headline = match &stopped.revision {
        Some(revision) => format!("{word} while `{revision}` ran"),
        None => word.to_owned(),
    };
    Description::new(code, exit, headline)
        .outcome(fate(
            stopped.fate,
            &stopped.done,
            stopped.stands_at.as_deref(),
            false,
        ))
        .hint("run the same command again: it goes on where the database stands")
}
