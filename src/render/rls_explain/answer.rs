//! The last line: the answer and what decided it.

use super::{rows, truth_word};
use crate::migrator::report::RlsExplain;
use crate::render::plain;
use crate::render::style::{Role, Style};
use crate::render::words::comma;
use crate::rls::explain::{Binding, DecidedBy, DecidingCondition, GateKind, Verdict};
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
            "{}: the command itself ended otherwise: a trigger, a rule or something that is not \
             the same twice has its say\n",
            style.paint(Role::Warning, "warning")
        ));
    }
    out
}

fn condition(one: &DecidingCondition) -> String {
    format!("{}: `{}` is {}", one.policy, one.sql, truth_word(one.truth))
}

fn sentence(report: &RlsExplain) -> String {
    let name = &report.actor.name;
    let answer = &report.answer;
    let done = done(report);
    match &answer.decided_by {
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
            let why = if *privilege != report.command && *privilege == Privilege::Select {
                format!(", and {} looks for rows by reading them", report.command)
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
        DecidedBy::Permissive { gate, policies } if answer.verdict == Verdict::No => {
            let command = command(report, *gate);
            let (yes, of) = (says(policies, "says", "say"), refused_as(*gate));
            if policies.is_empty() {
                // Each gate lets some through, and no row passes both.
                return format!(
                    "{name} {done}: no row passes both what is read and what is reached"
                );
            }
            format!("{name} {done}: {yes} no for {command}{of}")
        }
        DecidedBy::Permissive { policies, .. } => {
            format!("{name} {done}: {} yes", says(policies, "says", "say"))
        }
        DecidedBy::Restrictive { gate, policies } => {
            let of = refused_as(*gate);
            format!(
                "{name} {done}: {} no, restrictive as {}{of}",
                says(policies, "says", "say"),
                if policies.len() == 1 {
                    "it is"
                } else {
                    "they are"
                }
            )
        }
        DecidedBy::Error { message, .. } => {
            format!("{name} gets an error: a policy fails for the role: {message}")
        }
        DecidedBy::Attempt => {
            format!("{name} {done}, as the command itself says: the policies could not be asked")
        }
    }
}

fn refused_as(gate: GateKind) -> &'static str {
    match gate {
        GateKind::Write => ", and the command fails",
        GateKind::ReadBack => {
            " afterwards, so that the command fails: who changes a row must see it still"
        }
        GateKind::Read | GateKind::Reach => "",
    }
}

/// `own and shared say`
fn says(policies: &[String], one: &str, many: &str) -> String {
    match policies {
        [policy] => format!("{policy} {one}"),
        policies => format!("{} {many}", policies.join(" and ")),
    }
}

fn command(report: &RlsExplain, gate: GateKind) -> Privilege {
    match gate {
        GateKind::Read | GateKind::ReadBack => Privilege::Select,
        GateKind::Reach | GateKind::Write => report.command,
    }
}

/// What the actor does, or does not: `reads the row`, `does not update 5 rows`.
fn done(report: &RlsExplain) -> String {
    let answer = &report.answer;
    let verb = match report.command {
        Privilege::Insert => ["inserts", "insert"],
        Privilege::Update => ["updates", "update"],
        Privilege::Delete => ["deletes", "delete"],
        _ => ["sees", "see"],
    };
    let what = match (report.command, report.row.is_empty()) {
        (Privilege::Insert, _) => "the new row".to_owned(),
        (_, false) if answer.of.is_none_or(|of| of == 1) => "the row".to_owned(),
        _ => match (answer.verdict, answer.reached, answer.of) {
            (Verdict::Some, Some(reached), Some(of)) => format!("{reached} of {}", rows(of)),
            (Verdict::Yes, _, Some(of)) => format!("each of {}", rows(of)),
            (Verdict::No, _, Some(of)) => format!("any of {}", rows(of)),
            (Verdict::No, ..) => "any row".to_owned(),
            (_, Some(reached), _) => rows(reached),
            _ => "rows".to_owned(),
        },
    };
    match answer.verdict {
        Verdict::No => format!("does not {} {what}", verb[1]),
        Verdict::Unknown => format!("may or may not {} {what}", verb[1]),
        _ => format!("{} {what}", verb[0]),
    }
}
