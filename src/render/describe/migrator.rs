use super::graph::Asked;
use super::words::NOTHING;
use crate::db::PoolerSign;
use crate::migrator::report::Obstacle;
use crate::migrator::{Error, OneTransaction};
use crate::render::{Description, Exit};

/// What is said of an error; `command` is the command as it was typed, up to its target.
#[must_use]
pub fn describe(error: &Error, command: &str) -> Description {
    let code = error.code();
    match error {
        Error::Config(error) => super::config::describe(error),
        Error::Source(error) => super::source::describe(error),
        Error::Access(error) => super::access::describe(error, command),
        Error::Explain(error) => super::explain::describe(error),
        Error::Target { error, about } => super::graph::target(
            error,
            &Asked {
                command: super::graph::typed(command),
                about: &|id| match about.get(id) {
                    Some((message, path)) => vec![message.clone(), path.display().to_string()],
                    None => Vec::new(),
                },
            },
        )
        .outcome_if(nothing_done(command)),
        Error::BadName { what, text, defect } => {
            refused(code, format!("`{text}` is no {what}: {defect}"))
                .outcome_if(nothing_done(command))
        }
        Error::TargetSyntax(error) => super::graph::target_defect(error, command).outcome_if(nothing_done(command)),
        Error::Engine(error) => super::engine::describe(error, super::engine::Which::Embedded),
        Error::Scratch(error) => super::engine::describe(error, super::engine::Which::Scratch),
        Error::Db(error) => super::db::describe(error),
        Error::Bookkeeping(error) => super::bookkeeping::describe(error),
        Error::Disagreement { disagreements } => super::disagreement::describe(code, disagreements),
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
        Error::NeedsOwnTransaction { places, reason } => places
            .iter()
            .fold(
                Description::new(
                    code,
                    Exit::Refused,
                    match reason {
                        OneTransaction::Rehearsal => {
                            "a script that runs outside a transaction cannot be rehearsed"
                        }
                        OneTransaction::Scope => {
                            "a script that runs outside a transaction cannot share one"
                        }
                        OneTransaction::Pooler => {
                            "a script that runs outside a transaction cannot run behind a \
                             transaction pooler"
                        }
                    },
                ),
                |described, place| described.fact([place.to_string()]),
            )
            .outcome(NOTHING)
            .hint(match reason {
                OneTransaction::Rehearsal => {
                    "rehearse up to the revision before it: `grace-migrate upgrade <revision> --rehearse`"
                }
                OneTransaction::Scope => "give each revision its own: `--transaction revision`",
                OneTransaction::Pooler => {
                    "use the direct URL, without `--allow-pooler`; the revisions before it can run as \
                     they are: `grace-migrate upgrade <revision> --allow-pooler`"
                }
            }),
        Error::StepFailed(failure) => super::step::failed(code, failure),
        Error::Interrupted(interruption) => {
            let described = super::step::interrupted(code, interruption);
            match command {
                // Nothing stands anywhere, and nothing goes on there.
                "revision" | "migrate" => Description {
                    outcome: Some("nothing was written".to_owned()),
                    hints: Vec::new(),
                    ..described
                },
                "test" | "diff" | "check" | "schema dump" | "schema erd" => Description {
                    outcome: Some("nothing was changed".to_owned()),
                    hints: Vec::new(),
                    ..described
                },
                _ => described,
            }
        }
        Error::OutcomeUnknown(unknown) => super::step::outcome_unknown(code, unknown),
        Error::RecordUnknown(unknown) => super::step::record_unknown(code, unknown),
        Error::NotRecorded { reason } => Description::new(
            code,
            Exit::Unavailable,
            format!("the link was lost at COMMIT: {reason}"),
        )
        .outcome("the server rolled it back: version rows and history are as they were")
        .hint("run the same command again"),
        Error::Pooler { sign } => Description::new(
            code,
            Exit::Refused,
            match sign {
                PoolerSign::Port { host } => format!(
                    "port 6543 of `{host}` is a transaction pooler's: locks and settings would go to others"
                ),
                PoolerSign::Host { host } => format!(
                    "`{host}` is a transaction pooler: locks and settings would go to others"
                ),
                PoolerSign::Parameter => "`pgbouncer=true` says that the URL leads to a transaction \
                                          pooler: locks and settings would go to others"
                    .to_owned(),
                PoolerSign::Processes => "this is a transaction pooler, though its URL does not say so: \
                                          locks and settings would go to others"
                    .to_owned(),
            },
        )
        .outcome(NOTHING)
        .hint("use the direct URL, or the pooler's session mode (on Supabase: port 5432)")
        .hint("or let it do everything in one transaction: `--allow-pooler`, or `allow-pooler = true` in `[run]`"),
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
        Error::NoSuchCommand { name } => said(code, format!("there is no command `{name}`"))
            .hint("all of them: `grace-migrate --help`"),
        Error::NoCurrentFolder { reason } => {
            said(code, format!("the current folder cannot be read: {reason}"))
        }
        Error::NoRuntime { reason } => Description::new(
            code,
            Exit::Bug,
            format!("the system refused what the program needs to run: {reason}"),
        ),
        Error::ServerNotRunning => said(code, "the embedded server does not run")
            .hint("start it: `grace-migrate db start`"),
        Error::NoProgram { program, reason } => {
            said(code, format!("`{program}` cannot be run: {reason}"))
                .outcome_if(files_written(command))
        }
        Error::EditorFailed { command: editor, reason } => {
            said(code, format!("the editor `{editor}` failed: {reason}"))
                .outcome_if(files_written(command))
        }
        Error::NotAPair { text } => said(code, format!("`{text}` is not `KEY=VALUE`"))
            .outcome_if(nothing_done(command))
            .hint("for example `--set table=invoices`"),
        Error::Unconfirmed { command } => {
            let what = if *command == "repair" { "changes rows" } else { "deletes the data" };
            refused(code, format!("`{command}` {what}, and was not confirmed"))
                .hint(format!("without asking: `grace-migrate {command} --yes`"))
        }
        Error::RepairMoved => Description::new(
            code,
            Exit::Unavailable,
            "the database changed while the repair was being confirmed",
        )
        .outcome("nothing was changed")
        .hint("look again: `grace-migrate repair`"),
        Error::NotAHead { revision, children } => children
            .iter()
            .fold(
                said(
                    code,
                    format!("`{revision}` is no head: it has a child already"),
                )
                .outcome_if(nothing_done(command)),
                |described, child| described.fact(["child", child.as_str()]),
            )
            .hint(if command == "merge" {
                "to merge it all the same: `--splice`".to_owned()
            } else {
                format!("to begin a new branch there: `grace-migrate {command} --head {revision} --splice`")
            })
            .hint("see the heads: `grace-migrate heads`"),
        Error::NothingToMerge { beneath, above } => said(
            code,
            format!("`{beneath}` stands beneath `{above}` already: there is nothing to merge"),
        )
        .outcome_if(nothing_done(command))
        .hint("see the heads: `grace-migrate heads`"),
        Error::NoDownScript { revision } => {
            said(code, format!("`{revision}` has no down script"))
        }
        Error::NotOneRevision { target, revisions } => revisions
            .iter()
            .fold(
                said(
                    code,
                    match revisions.len() {
                        0 => format!("`{target}` names no revision"),
                        n => format!("`{target}` names {n} revisions, and one is wanted"),
                    },
                ),
                |described, revision| described.fact([revision.as_str()]),
            )
            .hint("see what there is: `grace-migrate history`"),
        Error::MergeOfOne { revision } => said(
            code,
            match revision {
                Some(revision) => {
                    format!("a merge has at least two parents, and `{revision}` is one")
                }
                None => "a merge has at least two parents, and there is no revision yet".to_owned(),
            },
        )
        .outcome_if(nothing_done(command))
        .hint("see the heads: `grace-migrate heads`"),
        Error::Matrix(error) => super::matrix::describe(error),
        Error::OptionNeeds { option, needed } => Description::new(
            code,
            Exit::Refused,
            match needed.starts_with("--") {
                true => format!("`{option}` goes with `{needed}`"),
                false => format!("`{option}` wants {needed}"),
            },
        )
        .outcome("nothing was done"),
        Error::State(error) => super::states::describe(error),
        Error::Autogenerate(error) => super::autogenerate::describe(error),
        Error::Git(error) => super::git::describe(error),
        Error::PolicyTests(error) => super::rls_test::describe(error),
    }
}

/// What a command that was refused did not do; nothing is said of one that only reads.
fn nothing_done(command: &str) -> Option<&'static str> {
    match command {
        "upgrade" | "downgrade" | "stamp" | "setup" | "ensure-version" => Some(NOTHING),
        "revision" | "migrate" | "merge" => Some("nothing was written"),
        _ => None,
    }
}

/// What was done before the editor was to be opened.
fn files_written(command: &str) -> Option<&'static str> {
    matches!(command, "revision" | "migrate").then_some("the revision's files are written")
}

fn said(code: &'static str, message: impl Into<String>) -> Description {
    Description::new(code, Exit::Refused, message)
}

fn refused(code: &'static str, message: impl Into<String>) -> Description {
    said(code, message).outcome("nothing was done")
}

fn obstacle_words(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::Irreversible { reason } => format!("irreversible: {reason}"),
        Obstacle::NoDownScript => "has no down script".to_owned(),
        Obstacle::FileGone => "its files are gone".to_owned(),
    }
}
