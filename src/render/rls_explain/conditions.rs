//! A policy and its conditions, each with what it said.

use super::rows;
use crate::render::plain;
use crate::render::words::comma;
use crate::rls::explain::{Clause, ConditionAnswer, Gate, Joint, PolicyAnswer, Tally, Truth};

/// What the policy said and its name, and beneath it its conditions.
pub(super) fn policy(policy: &PolicyAnswer, gate: &Gate) -> Vec<Vec<String>> {
    let clause = match policy.clause {
        Clause::Using => "using",
        Clause::WithCheck => "with check",
    };
    let mut name = format!(
        "{} (for {} to {}, {clause})",
        policy.name,
        policy.command,
        comma(&policy.roles)
    );
    if let Some(taken) = policy.takes_away.filter(|taken| *taken > 0)
        && gate.of != Some(1)
    {
        name.push_str(&format!(": takes away {}", rows(taken)));
    }
    let name = plain::line(&name).into_owned();
    let Some(condition) = &policy.condition else {
        let nothing = format!("{name}: without a condition it says yes to nothing");
        return vec![vec!["-".to_owned(), nothing]];
    };
    let mut lines = vec![vec![said(condition), name]];
    if let (Some(error), None) = (&condition.error, &gate.error) {
        lines.push(vec![String::new(), format!("  {}", plain::line(error))]);
    }
    if condition.parts.is_empty() {
        lines.push(vec![
            String::new(),
            format!("  {}", one_line(&condition.sql)),
        ]);
    } else {
        parts(condition, 1, &mut lines);
    }
    lines
}

fn parts(condition: &ConditionAnswer, depth: usize, lines: &mut Vec<Vec<String>>) {
    let word = match condition.joined_by {
        Some(Joint::And) => "and",
        Some(Joint::Or) | None => "or",
    };
    let indent = "  ".repeat(depth);
    for (at, part) in condition.parts.iter().enumerate() {
        // Aligned with the word that stands before the others.
        let joint = if at == 0 {
            " ".repeat(word.len())
        } else {
            word.to_owned()
        };
        let text = match part.joined_by {
            None => one_line(&part.sql),
            Some(Joint::And) => "all of".to_owned(),
            Some(Joint::Or) => "one of".to_owned(),
        };
        lines.push(vec![said(part), format!("{indent}{joint} {text}")]);
        parts(part, depth + 2, lines);
    }
}

/// What PostgreSQL prints on several lines, on one.
pub(super) fn one_line(sql: &str) -> String {
    let lines: Vec<&str> = sql.lines().map(str::trim).collect();
    plain::line(&lines.join(" ")).into_owned()
}

fn said(condition: &ConditionAnswer) -> String {
    match (&condition.error, condition.tally) {
        (Some(_), _) => "fails".to_owned(),
        (None, None) => "not known".to_owned(),
        (None, Some(tally)) => tally_words(tally),
    }
}

fn tally_words(tally: Tally) -> String {
    if let Some(truth) = tally.of_one() {
        return truth_word(truth).to_owned();
    }
    let of = tally.yes + tally.no + tally.null;
    let null = match tally.null {
        0 => String::new(),
        null => format!(", null for {null}"),
    };
    format!("true for {} of {of}{null}", tally.yes)
}

pub(super) fn truth_word(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "true",
        Truth::False => "false",
        Truth::Null => "null",
    }
}
