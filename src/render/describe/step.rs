//! The words of a step that failed, and of a run that was stopped.

use super::gate;
use super::words::NOTHING;
use crate::db::{ServerError, SqlState};
use crate::migrator::report::StepReport;
use crate::migrator::{
    Fate, Interruption, InvalidIndex, Signal, StepCause, StepFailure, UnknownOutcome, UnknownRecord,
};
use crate::render::locks::blocker;
use crate::render::{Description, Exit};
use crate::revision::Direction;
use crate::sql::{Missing, SessionBound, quote_literal};

const AGAIN: &str = "run the same command again: it goes on where the database stands";

/// Says what failed, what became of it, and where the database stands.
pub(super) fn failed(code: &'static str, failure: &StepFailure) -> Description {
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
        StepCause::CommitLost(reason) => Description::new(
            code,
            Exit::Failed,
            what("the link was lost at COMMIT, and the server did not commit"),
        )
        .fact(["link", reason.as_str()])
        .hint(AGAIN),
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
        StepCause::LockTaken => Description::new(
            code,
            Exit::Failed,
            what("another run took the migration lock when this one lost its session"),
        )
        .hint(AGAIN),
        StepCause::RowsMoved => Description::new(
            code,
            Exit::Failed,
            what("the version table changed under the run"),
        ),
        StepCause::Gate(refusal) => gate::refused(code, &what, refusal),
        StepCause::GateBroken(error) => gate::broken(code, &what, error),
        StepCause::DoneInPart { done } => Description::new(
            code,
            Exit::Failed,
            what(&format!(
                "an earlier run did {done} of its statements outside a transaction, and without \
                 `-- transaction: off` they would run again"
            )),
        )
        .hint("put the header back: the next run goes on where that one stopped")
        .hint(format!(
            "or, where you undid them by hand: `delete from grace_migrate.journal where revision = \
             '{}'`",
            failure.revision
        )),
        StepCause::CompletedStatementEdited { statement } => Description::new(
            code,
            Exit::Failed,
            what(&format!(
                "statement {statement} was edited after an earlier run completed it"
            )),
        )
        .hint("restore the statement; what is not done yet may be changed freely"),
        StepCause::MissingInSession(missing) => missing_in_session(code, what, missing),
        StepCause::InDoubt { statement } => in_doubt(code, what, *statement, failure),
        StepCause::Link(message) => {
            let described = Description::new(code, Exit::Failed, what(message));
            match failure.fate {
                Fate::Partly { .. } => described.hint(
                    "run the same command again: the journal tells which statement was running",
                ),
                _ => described.hint(AGAIN),
            }
        }
        StepCause::BuildFailed { error, left } => left
            .iter()
            .fold(
                server_facts(code, what(&error.message), error),
                |described, index| described.fact(["left", &format!("INVALID index {index}")]),
            )
            .hint(
                "run the same command again: it drops what was left, concurrently, and builds it \
                 anew",
            ),
        StepCause::InvalidIndex { index, kind } => invalid_index(code, what, index, *kind),
    };
    let described = in_the_way(described, failure);
    let described = described.stands_at(failure.stands_at.as_deref());
    described.at(place.clone()).outcome(fate(
        failure.fate,
        &failure.done,
        failure.stands_at.as_deref(),
        failure.rehearsal,
    ))
}

/// Who was in the way, and how often it was tried.
fn in_the_way(mut described: Description, failure: &StepFailure) -> Description {
    for (index, one) in failure.blocked_by.iter().enumerate() {
        let name = if index == 0 { "was blocked by" } else { "" };
        described = described.fact([name, &blocker(one)]);
    }
    if failure.attempts > 1 {
        described = described.fact(["tried", &format!("{} times", failure.attempts)]);
    }
    let of_locks = matches!(
        &failure.cause,
        StepCause::Statement(error) | StepCause::Verify(error)
            if matches!(
                error.sqlstate,
                SqlState::LOCK_NOT_AVAILABLE | SqlState::DEADLOCK_DETECTED
            )
    );
    if of_locks && failure.fate == Fate::RunRolledBack {
        described = described.hint(if failure.rehearsal {
            "a rehearsal is one transaction, so nothing was tried again"
        } else if failure.pooled {
            "through a pooler all steps share one transaction, so nothing was tried again: run it again"
        } else {
            "all steps shared one transaction, so nothing was tried again: \
             `--transaction revision` tries each again by itself"
        });
    }
    described
}

fn invalid_index(
    code: &'static str,
    what: impl Fn(&str) -> String,
    index: &str,
    kind: InvalidIndex,
) -> Description {
    let said = |text: &str| Description::new(code, Exit::Failed, what(text));
    let drop = format!("`drop index concurrently {index};`");
    match kind {
        InvalidIndex::Foreign => said(&format!(
            "index {index} is there already and is INVALID, and it is none that this script left"
        ))
        .hint(format!(
            "if nobody builds it now: {drop}, then run the same command again"
        )),
        InvalidIndex::Still => said(&format!(
            "the statement succeeded, and index {index} is INVALID all the same"
        ))
        .hint(format!("{drop}, then run the same command again")),
        InvalidIndex::Busy => said(&format!(
            "index {index} is INVALID and may be ours, but another session works on its table"
        ))
        .hint("run the same command again when that session is done")
        .hint("see who it is: `select * from pg_stat_progress_create_index;`"),
    }
}

fn missing_in_session(
    code: &'static str,
    what: impl Fn(&str) -> String,
    missing: &Missing,
) -> Description {
    let (made, needs) = (missing.made_by + 1, missing.needed_by + 1);
    let (text, again) = match &missing.what {
        SessionBound::Temporary(name) => (
            format!(
                "statement {needs} names the temporary table `{name}`, which statement {made} made"
            ),
            "make and fill it again",
        ),
        SessionBound::Cursor(name) => (
            format!("statement {needs} names the cursor `{name}`, which statement {made} declared"),
            "declare it again",
        ),
        SessionBound::Setting(Some(name)) => (
            format!("statement {made} set `{name}` among other work, for those behind it too"),
            "set it",
        ),
        SessionBound::Setting(None) => (
            format!("statement {made} changed settings among other work, for those behind it too"),
            "set them",
        ),
    };
    Description::new(
        code,
        Exit::Failed,
        what(&format!("{text}, in a session that is gone")),
    )
    .hint(format!(
        "{again} in front of statement {needs}: what is not done yet may be changed, and more be \
         put before it"
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
        Fate::Untouched if done.is_empty() => return NOTHING.to_owned(),
        Fate::Untouched => "nothing more was run".to_owned(),
        Fate::LeftToServer { whole_run: false } => {
            "the link is gone, and the server rolls it back by itself: nothing stays half done"
                .to_owned()
        }
        Fate::LeftToServer { whole_run: true } => {
            "the link is gone, and the server rolls everything back by itself".to_owned()
        }
        Fate::RolledBack => "rolled back".to_owned(),
        Fate::RunRolledBack => "everything was rolled back".to_owned(),
        Fate::Partly { done, statements } => {
            format!(
                "{done} of {statements} statements are done and stay; the next run goes on after them"
            )
        }
        Fate::Recorded => {
            "it runs outside a transaction: what it did stays, and is recorded".to_owned()
        }
        Fate::Committed => {
            "what the script committed itself stays; nothing is recorded as applied".to_owned()
        }
    };
    let whole_run = matches!(
        fate,
        Fate::RunRolledBack | Fate::LeftToServer { whole_run: true }
    );
    if !whole_run && !rehearsal {
        text.push_str(&steps_before(done));
        if matches!(fate, Fate::LeftToServer { .. }) && !done.is_empty() {
            // Only the last commit of a run waits for the disk.
            text.push_str(", unless the server itself crashed");
        }
    }
    match stands_at {
        Some([]) => text.push_str("; the database stands at base"),
        Some(rows) => text.push_str(&format!("; the database stands at {}", rows.join(", "))),
        None => text.push_str("; the server could not be asked where the database stands"),
    }
    text
}

fn steps_before(done: &[StepReport]) -> String {
    match done.len() {
        0 => String::new(),
        1 => "; the step before it stays".to_owned(),
        many => format!("; the {many} steps before it stay"),
    }
}

/// Says of which COMMIT nobody knows what became, and how to learn it.
pub(super) fn outcome_unknown(code: &'static str, unknown: &UnknownOutcome) -> Description {
    let UnknownOutcome {
        revision,
        direction,
        run_id,
        transaction,
        ..
    } = unknown;
    let what = if unknown.whole_run {
        "the whole run is".to_owned()
    } else {
        format!("`{revision}` is")
    };
    Description::new(
        code,
        Exit::Unknown,
        format!(
            "the link was lost at COMMIT of `{revision}` ({direction}), and the server could not be asked what became of it"
        ),
    )
    .fact(["run", run_id.as_str()])
    .fact(["transaction", transaction.as_str()])
    .fact(["link", unknown.reason.as_str()])
    .outcome(format!(
        "whether {what} committed is not known, half of it never is{}",
        steps_before(&unknown.done)
    ))
    .hint(this_tells(run_id, revision.as_str(), *direction, transaction))
    .hint(AGAIN)
}

/// The query that tells whether a COMMIT was done.
fn this_tells(run_id: &str, revision: &str, direction: Direction, transaction: &str) -> String {
    let [run_id, revision] = [run_id, revision].map(quote_literal);
    format!(
        "this tells, where `recorded` is true it was committed: `select exists (select from \
         grace_migrate.history where run_id = {run_id} and revision = {revision} and \
         direction = '{direction}') as recorded, pg_xact_status('{transaction}') as status;`"
    )
}

/// The same of a COMMIT of version rows and history entries alone.
pub(super) fn record_unknown(code: &'static str, unknown: &UnknownRecord) -> Description {
    let UnknownRecord {
        run_id,
        entry,
        transaction,
        reason,
    } = unknown;
    Description::new(
        code,
        Exit::Unknown,
        "the link was lost at COMMIT, and the server could not be asked what became of it",
    )
    .fact(["run", run_id.as_str()])
    .fact(["transaction", transaction.as_str()])
    .fact(["link", reason.as_str()])
    .outcome(
        "whether version rows and history entries were written is not known, half of them never are",
    )
    .hint(match entry {
        Some((revision, direction)) => this_tells(run_id, revision, *direction, transaction),
        None => format!(
            "this tells whether it was committed: `select pg_xact_status('{transaction}') as status;`"
        ),
    })
    .hint("run the same command again: what is done is not done twice")
}

/// Says what was stopped, what became of it, and where the database stands.
pub(super) fn interrupted(code: &'static str, stopped: &Interruption) -> Description {
    let (exit, word) = match stopped.signal {
        Signal::Interrupt => (Exit::Interrupted, "interrupted"),
        Signal::Terminate => (Exit::Terminated, "terminated"),
    };
    let headline = match &stopped.revision {
        Some(revision) => format!("{word} while `{revision}` ran"),
        None => word.to_owned(),
    };
    let stands_at = stopped.stands_at.as_deref();
    let outcome = match (stopped.fate, &stopped.revision, stands_at) {
        // No revision was at work: where the database stands was never in question.
        (Fate::RunRolledBack, None, None) => "everything was rolled back".to_owned(),
        _ => fate(stopped.fate, &stopped.done, stands_at, false),
    };
    Description::new(code, exit, headline)
        .stands_at(stands_at)
        .outcome(outcome)
        .hint(AGAIN)
}
