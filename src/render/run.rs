//! What was run, and where the database stands now: `upgrade`, `downgrade`, `stamp`, `setup`.

use std::fmt::Write as _;

use super::frame;
use super::locks::blocker;
use super::outside;
use super::plain;
use super::round_trip;
use super::style::{Role, Style};
use super::words::{bytes, comma, duration, instant, plural, revisions, rows};
use crate::diagnostic::Severity;
use crate::migrator::report::{
    AutogenerateStage, Event, GateMatrix, LockEstimate, LockHolder, NoticeReport, Operation,
    RlsGate, RunOutcome, RunReport, Setup, StepReport,
};
use crate::revision::Direction;

/// A whole run after the fact: a line for each step and what the server said meanwhile, then
/// [`run_end`].
#[must_use]
pub fn run(report: &RunReport, style: &Style) -> String {
    let mut out = String::new();
    if !report.adopted.is_empty() {
        out.push_str(&adopted_line(report.adopted.len()));
    }
    for step in &report.steps {
        for notice in &step.notices {
            out.push_str(&notice_line(notice, style));
        }
        out.push_str(&step_line(step, style));
    }
    out.push_str(&run_end(report, style));
    out
}

/// How a run ended, and where the database stands.
#[must_use]
pub fn run_end(report: &RunReport, style: &Style) -> String {
    let mut out = String::new();
    let database = plain::line(&report.destination.database);
    let mut place = rows(&report.stands_at, style);
    if report.at_head && !report.stands_at.is_empty() {
        place.push_str(&style.paint(Role::Mark, " (head)"));
    }
    let count = revisions(report.steps.len());
    let took = duration(report.duration_ms);
    let pending = if report.pending > 0 && report.operation != Operation::Downgrade {
        format!("; {} pending", revisions(report.pending))
    } else {
        String::new()
    };
    let line = match (report.outcome, report.operation) {
        (RunOutcome::NothingToDo, _) => {
            format!("nothing to do: the database `{database}` stands at {place}{pending}")
        }
        (RunOutcome::Rehearsed, _) => format!(
            "rehearsed {count} in {took} and rolled everything back: \
             the database `{database}` still stands at {place}"
        ),
        (RunOutcome::Done, Operation::Upgrade) => format!(
            "applied {count} in {took}: the database `{database}` stands at {place}{pending}"
        ),
        (RunOutcome::Done, Operation::Downgrade) => {
            format!("undid {count} in {took}: the database `{database}` stands at {place}")
        }
        (RunOutcome::Done, Operation::Stamp) if !report.accepted_edits.is_empty() => format!(
            "accepted {} as edited, no script was run: the database `{database}` still stands at \
             {place}",
            comma(&report.accepted_edits)
        ),
        (RunOutcome::Done, Operation::Stamp) => format!(
            "stamped, no script was run: the database `{database}` stands at {place} \
             (was {}){pending}",
            rows(&report.from, style)
        ),
    };
    out.push_str(&line);
    out.push('\n');
    if let Some(gate) = &report.rls_gate {
        out.push_str(&gate_line(*gate));
    }
    out
}

/// What the gate judged.
fn gate_line(gate: RlsGate) -> String {
    let RlsGate {
        steps_judged,
        steps_unchanged,
        findings_known,
        matrix,
    } = gate;
    let judged = steps_judged - steps_unchanged;
    let mut line = match judged {
        0 => "RLS gate: no step changed the catalog".to_owned(),
        _ => format!(
            "RLS gate: {} judged, nothing new",
            plural(judged, "step", "steps")
        ),
    };
    line.push_str(match matrix {
        Some(GateMatrix::Tried) => "; every actor reaches what the kept matrix says",
        Some(GateMatrix::Decisive) => "; policies and rights are those of the kept matrix",
        None => "",
    });
    if findings_known > 0 {
        line.push_str(&format!(
            "; {} from before, which `grace-migrate rls lint` tells",
            plural(findings_known, "finding stands", "findings stand")
        ));
    }
    line.push('\n');
    line
}

/// What is said where the edit of no script had to be accepted.
#[must_use]
pub fn nothing_to_accept(targets: &[String]) -> String {
    let targets = comma(targets.iter().map(|target| format!("`{target}`")));
    format!("{targets} is as it was applied: there is no edit to accept\n")
}

/// `setup` after the fact: whether the database was made, then how its upgrade ended.
#[must_use]
pub fn setup(report: &Setup, style: &Style) -> String {
    let database = plain::line(&report.upgrade.destination.database);
    let made = if report.created {
        format!("created the database `{database}`\n")
    } else {
        format!("the database `{database}` exists\n")
    };
    made + &run_end(&report.upgrade, style)
}

/// The line that stays of an event; `None` for those that only move a progress bar.
#[must_use]
pub fn event(event: &Event, style: &Style) -> Option<String> {
    let text = match event {
        Event::StepFinished { report, .. } => step_line(report, style),
        Event::StepFailed {
            revision,
            message,
            duration_ms,
            ..
        } => columns(
            &style.paint(Role::Error, &format!("{:WORD$}", "failed")),
            revision.as_str(),
            message.as_deref(),
            &duration(*duration_ms),
            style,
        ),
        Event::Notice { notice } => notice_line(notice, style),
        Event::Finding { finding } => frame::diagnostic(finding, style),
        Event::Adopted { revisions } => adopted_line(revisions.len()),
        Event::EngineInitialising { version, data } => format!(
            "making the embedded PostgreSQL {} in {}\n",
            plain::line(version),
            plain::line(&data.display().to_string())
        ),
        Event::EngineReady { major, data, .. } => format!(
            "using the embedded PostgreSQL {major} in {}\n",
            plain::line(&data.display().to_string())
        ),
        Event::WaitingForLock {
            holder,
            waited_ms: 0,
        } => format!("waiting for another run{}\n", holder_text(holder.as_ref())),
        Event::LockAcquired { waited_ms } => {
            format!("the other run ended, waited {}\n", duration(*waited_ms))
        }
        Event::ManyLocks { estimate } => many_locks(*estimate, style),
        Event::RunStarted {
            rehearsal: true, ..
        } => "rehearsal: everything is rolled back at the end\n".to_owned(),
        Event::Blocked { blockers } if !blockers.is_empty() => blockers
            .iter()
            .map(|one| {
                format!(
                    "  {} {}\n",
                    style.paint(Role::Warning, "blocked by"),
                    blocker(one)
                )
            })
            .collect(),
        Event::Retrying {
            attempt,
            attempts,
            message,
            wait_ms,
            ..
        } => format!(
            "  {} {}; rolled back, to be tried again in {}\n",
            style.paint(
                Role::Warning,
                &format!("try {attempt} of {attempts} failed:")
            ),
            plain::line(message),
            duration(*wait_ms)
        ),
        Event::Cancelling => {
            "cancelling what runs; press Ctrl-C again to leave at once\n".to_owned()
        }
        Event::NotAnswering => "the server does not answer: cutting the link\n".to_owned(),
        Event::WaitingForCommit { waited_ms } => format!(
            "COMMIT is not answered for {}; a standby that is slow or away can be why\n",
            duration(*waited_ms)
        ),
        Event::CommitLost { revision, reason } => {
            let of = revision.as_ref().map_or_else(String::new, |revision| {
                format!(" of {}", style.paint(Role::Id, revision.as_str()))
            });
            format!(
                "the link was lost at COMMIT{of} ({}); asking the server what became of it\n",
                plain::line(reason)
            )
        }
        Event::CommitFound {
            revision,
            committed,
        } => {
            let what = revision.as_ref().map_or("it".into(), |revision| {
                style.paint(Role::Id, revision.as_str())
            });
            if *committed {
                format!("the server committed {what}\n")
            } else {
                format!("the server rolled {what} back\n")
            }
        }
        Event::Settled { .. }
        | Event::DroppingLeftover { .. }
        | Event::FinishingDetach { .. }
        | Event::IndexLeft { .. } => outside::settled(event),
        Event::IndexBuild {
            new_phase: true, ..
        } => format!("  {}\n", outside::build(event)?),
        Event::RoundTripsStarted { .. } | Event::RoundTripDone { .. } => {
            round_trip::event(event, style)?
        }
        Event::Unseen {
            state,
            role,
            objects,
        } => super::states::unseen(state, role, objects, style),
        Event::NothingIncluded { patterns } => super::states::nothing_included(patterns, style),
        Event::IndexBuild { .. }
        | Event::Downloading { .. }
        | Event::EngineStarting { .. }
        | Event::EngineStopping
        | Event::WaitingForLock { .. }
        | Event::Blocked { .. }
        | Event::RunStarted { .. }
        | Event::StepStarted { .. }
        | Event::StepProgress { .. }
        | Event::TestStarted { .. }
        | Event::Autogenerating { .. } => return None,
    };
    Some(text)
}

/// That one transaction may need more locks than the server has.
pub(super) fn many_locks(estimate: LockEstimate, style: &Style) -> String {
    let LockEstimate { needed, capacity } = estimate;
    format!(
        "{} all in one transaction takes about {needed} locks, and the server is only sure to have \
         {capacity}\n  `--transaction revision`, fewer steps at a time, or a higher \
         `max_locks_per_transaction` avoid that\n",
        style.paint(Role::Warning, "warning:")
    )
}

/// What happens now, as one short line without an end, for a progress bar; `None` where the event
/// changes nothing in it.
#[must_use]
pub fn activity(event: &Event, style: &Style) -> Option<String> {
    let text = match event {
        Event::Downloading {
            what,
            received_bytes,
            total_bytes,
        } => {
            let total = total_bytes.map_or_else(String::new, |t| format!(" of {}", bytes(t)));
            format!(
                "fetching {}: {}{total}",
                plain::line(what),
                bytes(*received_bytes)
            )
        }
        Event::EngineInitialising { .. } => "making the embedded server's data folder".to_owned(),
        Event::EngineStarting { .. } => "starting the embedded server".to_owned(),
        Event::EngineStopping => "stopping the embedded server".to_owned(),
        Event::WaitingForLock { holder, waited_ms } => format!(
            "waiting for another run{}, {} so far",
            holder_text(holder.as_ref()),
            duration(*waited_ms)
        ),
        Event::StepStarted {
            step,
            steps,
            direction,
            revision,
            message,
            ..
        } => format!(
            "{step} of {steps}: {direction} {} {}",
            style.paint(Role::Id, revision.as_str()),
            plain::line(message.as_deref().unwrap_or_default())
        ),
        Event::Autogenerating { stage } => match stage {
            AutogenerateStage::Building => "building the head and the declared schema".to_owned(),
            AutogenerateStage::Asking => return None,
            AutogenerateStage::Planning => "planning".to_owned(),
            AutogenerateStage::Proving => "proving: up and down on a scratch server".to_owned(),
        },
        Event::StepProgress {
            statements_done,
            statements,
            ..
        } => format!("statement {statements_done} of {statements}"),
        Event::Blocked { blockers } => blockers
            .first()
            .map_or_else(String::new, |one| format!("blocked by {}", blocker(one))),
        Event::Retrying {
            attempt,
            attempts,
            revision,
            ..
        } => format!(
            "try {attempt} of {attempts} of {} failed, waiting for the next",
            style.paint(Role::Id, revision.as_str())
        ),
        Event::Cancelling => "cancelling".to_owned(),
        Event::WaitingForCommit { waited_ms } => {
            format!("waiting for COMMIT, {} so far", duration(*waited_ms))
        }
        Event::CommitLost { .. } => "asking the server what became of the COMMIT".to_owned(),
        Event::IndexBuild { .. } => outside::build(event)?,
        Event::DroppingLeftover { index } => {
            format!("dropping INVALID index {}", plain::line(index))
        }
        Event::FinishingDetach { partition } => {
            format!("detaching partition {}", plain::line(partition))
        }
        Event::TestStarted { done, test } => {
            format!("{} done; {}", done, super::rls_test::name(test))
        }
        Event::RoundTripsStarted { .. } | Event::RoundTripDone { .. } => {
            round_trip::activity(event, style)?
        }
        Event::Settled { .. }
        | Event::Unseen { .. }
        | Event::NothingIncluded { .. }
        | Event::IndexLeft { .. }
        | Event::EngineReady { .. }
        | Event::NotAnswering
        | Event::CommitFound { .. }
        | Event::LockAcquired { .. }
        | Event::Adopted { .. }
        | Event::Finding { .. }
        | Event::ManyLocks { .. }
        | Event::RunStarted { .. }
        | Event::Notice { .. }
        | Event::StepFinished { .. }
        | Event::StepFailed { .. } => return None,
    };
    Some(text)
}

/// How wide the first word of a step's line is: `downgrade` is the longest.
const WORD: usize = 9;
/// How wide an id is at least: what ours are by default.
const ID: usize = 12;
/// How wide a duration is at least, so that those below a minute end at one column.
const TOOK: usize = 8;
/// How wide the message is where there is no terminal to fit.
const MESSAGE: usize = 40;

fn step_line(step: &StepReport, style: &Style) -> String {
    let role = match step.direction {
        Direction::Upgrade => Role::Good,
        Direction::Downgrade => Role::Warning,
    };
    let word = format!("{:WORD$}", step.direction.to_string());
    let mut line = columns(
        &style.paint(role, &word),
        step.revision.as_str(),
        step.message.as_deref(),
        &duration(step.duration_ms),
        style,
    );
    if step.attempts > 1 {
        line.truncate(line.trim_end().len());
        let tries = format!("  {} tries", step.attempts);
        line.push_str(&style.paint(Role::Faint, &tries));
        line.push('\n');
    }
    line
}

/// `word  id  message …  duration`: on a terminal the duration ends near its edge.
fn columns(word: &str, id: &str, message: Option<&str>, took: &str, style: &Style) -> String {
    let taken = WORD + 2 + id.len().max(ID) + 2 + 1 + TOOK;
    let room = style.width.map_or(MESSAGE, |width| {
        usize::from(width).saturating_sub(taken).clamp(10, 60)
    });
    let message = plain::line(message.unwrap_or_default());
    let message = if style.width.is_some() {
        plain::fit(&message, room)
    } else {
        message
    };
    format!(
        "{word}  {}{:id_pad$}  {message}{:pad$} {}\n",
        style.paint(Role::Id, id),
        "",
        "",
        style.paint(Role::Faint, &format!("{took:>TOOK$}")),
        id_pad = ID.saturating_sub(id.len()),
        pad = room.saturating_sub(plain::width(&message)),
    )
}

/// What the server said, with the line that made it say so.
fn notice_line(notice: &NoticeReport, style: &Style) -> String {
    let role = match notice.severity {
        Severity::Error => Role::Error,
        Severity::Warning => Role::Warning,
        Severity::Note => Role::Note,
    };
    let mut out = format!(
        "  {} {}",
        style.paint(
            role,
            &format!("{}:", plain::line(&notice.level).to_lowercase())
        ),
        plain::line(&notice.message)
    );
    if let Some(path) = &notice.path {
        let shown = path.display().to_string();
        let line = notice
            .line
            .map_or_else(String::new, |line| format!(":{line}"));
        let place = format!(" ({}{line})", plain::line(&shown));
        out.push_str(&style.paint(Role::Faint, &place));
    }
    out.push('\n');
    for (word, text) in [("detail", &notice.detail), ("hint", &notice.hint)] {
        if let Some(text) = text {
            let _ = writeln!(out, "    {word}: {}", plain::line(text));
        }
    }
    out
}

fn adopted_line(count: usize) -> String {
    format!(
        "adopted {} that another tool applied: the history knows {} now\n",
        revisions(count),
        if count == 1 { "it" } else { "them" }
    )
}

/// ` by maria (grace-migrate from 10.0.0.7, pid 4711) since 2026-11-22 15:30:00Z`
pub(super) fn holder_text(holder: Option<&LockHolder>) -> String {
    let Some(holder) = holder else {
        return String::new();
    };
    let mut out = String::new();
    if let Some(user) = &holder.user {
        let _ = write!(out, " by {}", plain::line(user));
    }
    out.push_str(" (");
    if let Some(application) = holder
        .application
        .as_deref()
        .filter(|name| !name.is_empty())
    {
        let _ = write!(out, "{}, ", plain::line(application));
    }
    if let Some(client) = &holder.client {
        let _ = write!(out, "from {}, ", plain::line(client));
    }
    let _ = write!(out, "pid {})", holder.pid);
    if let Some(since) = holder.since {
        let _ = write!(out, " since {}", instant(since));
    }
    out
}
