//! The last line: the answer and what decided it.

use super::conditions::{one_line, truth_word};
use super::rows;
use crate::migrator::report::RlsExplain;
use crate::render::plain;
use crate::render::style::{Role, Style};
use crate::render::words::comma;
use crate::rls::explain::{Attempted, Binding, DecidedBy, DecidingCondition, GateKind, Verdict};
use crate::schema::Privilege;

/// `yes: carl reads the row, because notes_select says yes: `…` is true`
pub(super) fn answer(report: &RlsExplain, style: &Style) -> String {
    let (word, role) = match report.answer.verdict {
        Verdict::Yes => ("yes", Role::Good),
        Verdict::Some => ("in part", Role::Warning),
        Verdict::No => ("no", Role::Gone),
        Verdict::NoSuchRow => ("no such row", Role::Warning),
        Verdict::Unknown => ("unknown", Role::Warning),
    };
    let sentence = plain::line(&sentence(report)).into_owned();
    let mut out = format!("{}: {sentence}\n", style.paint(role, word));
    for one in &report.answer.conditions {
        out.push_str(&format!("  {}\n", plain::line(&condition(one))));
    }
    if report.answer.agrees == Some(false) {
        out.push_str(&format!(
            "{}: rights and policies alone would have it otherwise: a trigger, a rule or a right to \
             something else, a sequence say, has its say\n",
            style.paint(Role::Warning, "warning")
        ));
    }
    out
}

fn condition(one: &DecidingCondition) -> String {
    format!(
        "{}: `{}` is {}",
        one.policy,
        one_line(&one.sql),
        truth_word(one.truth)
    )
}

fn sentence(report: &RlsExplain) -> String {
    let name = &report.actor.name;
    let answer = &report.answer;
    let done = done(report);
    match &answer.decided_by {
        DecidedBy::Row if report.row.is_empty() => {
            format!("{} holds no row, whoever asks", report.table)
        }
        DecidedBy::Row => format!(
            "{} holds no row with {}, whoever asks",
            report.table,
            super::values(&report.row)
        ),
        DecidedBy::Right { privilege, object } => {
            let role = &report.actor.role;
            let columns = report.rights.iter().find(|right| !right.is_held());
            let missing = columns.map(|right| &right.missing_columns);
            let of = match missing.filter(|missing| !missing.is_empty()) {
                Some(missing) => format!(" for {}", comma(missing)),
                None => String::new(),
            };
            let why = if *privilege != report.sql_command && *privilege == Privilege::Select {
                if report.returning && report.row.is_empty() {
                    ", and what is returned is read".to_owned()
                } else {
                    let command = report.sql_command;
                    format!(", and {command} looks for rows by reading them")
                }
            } else {
                String::new()
            };
            format!("{name} is refused: {role} has no {privilege} on {object}{of}{why}")
        }
        DecidedBy::NotAsked { why } => {
            let why = match why {
                Binding::Off => "row-level security is off",
                Binding::Superuser => "the role is a superuser",
                Binding::Bypassrls => "the role has BYPASSRLS",
                Binding::Owner => "the role owns the table",
                Binding::Asked => "policies are asked",
            };
            format!("{name} {done}: {why}, and no policy is asked")
        }
        DecidedBy::NoPolicy { gate } => {
            let command = command(report, *gate);
            format!("{name} {done}: there is no permissive policy for {command}")
        }
        DecidedBy::Permissive { policies, .. }
            if answer.verdict == Verdict::No && policies.is_empty() =>
        {
            // Each gate lets some through.
            format!(
                "{name} {done}: no row is let through by the policies for select and by those for {} alike",
                report.sql_command
            )
        }
        DecidedBy::Permissive { gate, policies } if answer.verdict == Verdict::No => format!(
            "{name} {done}: {}{} no for {}{}",
            when(*gate),
            says(policies),
            command(report, *gate),
            failing(report, *gate)
        ),
        DecidedBy::Permissive { policies, .. } => {
            let failed = match &report.attempted {
                Attempted::Failed { sqlstate, .. } => {
                    format!("; the command fails for another reason ({sqlstate})")
                }
                _ => String::new(),
            };
            format!("{name} {done}: {} yes{failed}", says(policies))
        }
        DecidedBy::Restrictive { gate, policies } => format!(
            "{name} {done}: {}the restrictive {} {} no for {}{}",
            when(*gate),
            if policies.len() == 1 {
                "policy"
            } else {
                "policies"
            },
            says(policies),
            command(report, *gate),
            failing(report, *gate)
        ),
        DecidedBy::Error { message, .. } => {
            format!("{name} gets an error: a policy fails for the role: {message}")
        }
        DecidedBy::Attempt if answer.verdict == Verdict::Unknown => format!(
            "{name} {done}: the policies could not be asked, and the command itself does not tell"
        ),
        DecidedBy::Attempt if answer.agrees == Some(false) => {
            format!("{name} {done}, as the command itself says")
        }
        DecidedBy::Attempt => {
            format!("{name} {done}, as the command itself says: the policies could not be asked")
        }
    }
}

/// Since when the rows are as they are asked about.
fn when(gate: GateKind) -> &'static str {
    match gate {
        GateKind::ReadBack => "once it is written, ",
        _ => "",
    }
}

/// What comes of a row that is not let through, where that is more than that it is not there.
fn failing(report: &RlsExplain, gate: GateKind) -> &'static str {
    match gate {
        GateKind::Write => ", and the command fails",
        GateKind::ReadBack if report.sql_command == Privilege::Insert => {
            ", and the command fails: what it returns must be there to be read"
        }
        GateKind::ReadBack => ", and the command fails: who changes a row must see it still",
        GateKind::Read | GateKind::Reach => "",
    }
}

/// `own and shared say`
fn says(policies: &[String]) -> String {
    match policies {
        [policy] => format!("{policy} says"),
        policies => format!("{} say", policies.join(" and ")),
    }
}

fn command(report: &RlsExplain, gate: GateKind) -> Privilege {
    match gate {
        GateKind::Read | GateKind::ReadBack => Privilege::Select,
        GateKind::Reach | GateKind::Write => report.sql_command,
    }
}

/// What the actor does, or does not: `reads the row`, `does not update 5 rows`.
fn done(report: &RlsExplain) -> String {
    let answer = &report.answer;
    let verb = match report.sql_command {
        Privilege::Insert => ["inserts", "insert"],
        Privilege::Update => ["updates", "update"],
        Privilege::Delete => ["deletes", "delete"],
        _ => ["sees", "see"],
    };
    let what = match (report.sql_command, report.row.is_empty()) {
        (Privilege::Insert, _) => "the new row".to_owned(),
        (_, false) if answer.of.is_none_or(|of| of == 1) => "the row".to_owned(),
        _ => match (answer.verdict, answer.reached, answer.of) {
            (Verdict::Some, Some(reached), Some(of)) => format!("{reached} of {}", rows(of)),
            (Verdict::Yes, _, Some(1)) => "the one row".to_owned(),
            (Verdict::Yes, _, Some(of)) => format!("all {}", rows(of)),
            (Verdict::No, _, Some(1)) => "the one row".to_owned(),
            (Verdict::No, _, Some(of)) => format!("any of {}", rows(of)),
            (Verdict::No, ..) => "any row".to_owned(),
            (_, Some(reached), _) => rows(reached),
            _ => "rows".to_owned(),
        },
    };
    match answer.verdict {
        Verdict::No => format!("does not {} {what}", verb[1]),
        Verdict::Unknown => format!("may or may not {} {what}", verb[1]),
        _ if matches!(report.attempted, Attempted::Rows { .. }) => format!("{} {what}", verb[0]),
        _ => format!("may {} {what}", verb[1]),
    }
}
