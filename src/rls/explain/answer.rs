//! The answer, and the link of the chain that decided it.

use serde::Serialize;

use super::binding::Binding;
use super::gate::{ConditionAnswer, Gate, GateKind, Truth};
use super::grants::NeededRight;
use super::split::Joint;
use crate::schema::{PolicyKind, Privilege};

/// What became of the command itself, which was tried and taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Attempted {
    /// It ran, on so many rows.
    Rows {
        /// How many.
        rows: u64,
    },
    /// The server refused it: a right is missing, or a policy refused what was to be written.
    Refused {
        /// The server's words.
        message: String,
    },
    /// It failed for another reason, a constraint say, which rights and policies have let through.
    Failed {
        /// The server's SQLSTATE.
        sqlstate: String,
        /// The server's words.
        message: String,
    },
    /// It was not tried.
    Not {
        /// Why.
        why: NotAttempted,
    },
}

/// Why a command was not tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotAttempted {
    /// The database is marked as production.
    Production,
    /// The role may set no column.
    NothingToSet,
}

/// What is known of the command.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The command.
    pub command: Privilege,
    /// The rights that it needs, in the order in which they are looked at.
    pub rights: &'a [NeededRight],
    /// Whether policies are asked.
    pub binding: Binding,
    /// How many rows there are of those that are asked about; `None` where nobody can tell.
    pub total: Option<u64>,
    /// The gates, as far as they were asked.
    pub gates: &'a [Gate],
    /// How many rows pass those before anything is written.
    pub reached: Option<u64>,
    /// What became of the command itself.
    pub attempted: &'a Attempted,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// In a word.
    pub verdict: Verdict,
    /// How many rows are reached; `null` for a new row, or where it is not known.
    pub reached: Option<u64>,
    /// Of how many; `null` for a new row, or where it is not known.
    pub of: Option<u64>,
    /// The link of the chain that decided it.
    pub decided_by: DecidedBy,
    /// The conditions that decided it, where one row is asked about.
    pub conditions: Vec<DecidingCondition>,
    /// Whether the command itself, where it was tried, ended as the chain says; `null` where that
    /// tells nothing.
    pub agrees: Option<bool>,
}

/// An answer in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Each row that is asked about.
    Yes,
    /// Some of them.
    Some,
    /// None of them.
    No,
    /// There is no such row at all.
    NoSuchRow,
    /// Nobody can tell.
    Unknown,
}

/// What decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "link", rename_all = "kebab-case")]
pub enum DecidedBy {
    /// A right that is missing.
    Right {
        /// To do what.
        privilege: Privilege,
        /// On what.
        object: String,
    },
    /// The row is not there.
    Row,
    /// Policies are not asked.
    NotAsked {
        /// Why.
        why: Binding,
    },
    /// No permissive policy is there.
    NoPolicy {
        /// At which gate.
        gate: GateKind,
    },
    /// Permissive policies: those that let a row through, or, where none does, all of them.
    Permissive {
        /// At which gate.
        gate: GateKind,
        /// Which.
        policies: Vec<String>,
    },
    /// Restrictive policies that take away what was permitted.
    Restrictive {
        /// At which gate.
        gate: GateKind,
        /// Which.
        policies: Vec<String>,
    },
    /// The policies cannot be asked by the role.
    Error {
        /// At which gate.
        gate: GateKind,
        /// The server's words.
        message: String,
    },
    /// The command itself: the policies could not be asked one by one, or what they say is not what
    /// came of it.
    Attempt,
}

/// A condition that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecidingCondition {
    /// Whose.
    pub policy: String,
    /// Its text.
    pub sql: String,
    /// What it said.
    pub truth: Truth,
}

/// Follows the chain to the link that decides. Where the command itself ended otherwise, it is the
/// command that is believed: a trigger or a right to something else has its say.
#[must_use]
pub fn judge(facts: Facts<'_>) -> Answer {
    let answer = chain(facts);
    let agrees = agrees(&answer, facts);
    let believed = match agrees {
        Some(false) => attempted(facts),
        _ => answer,
    };
    Answer { agrees, ..believed }
}

fn answer(verdict: Verdict, decided_by: DecidedBy, facts: Facts<'_>) -> Answer {
    Answer {
        verdict,
        reached: match verdict {
            Verdict::Yes => facts.total,
            Verdict::Some => facts.reached,
            Verdict::No => facts.total.map(|_| 0),
            Verdict::NoSuchRow | Verdict::Unknown => None,
        },
        of: facts.total,
        decided_by,
        conditions: Vec::new(),
        agrees: None,
    }
}

fn chain(facts: Facts<'_>) -> Answer {
    if let Some(missing) = facts.rights.iter().find(|right| !right.is_held()) {
        let decided_by = DecidedBy::Right {
            privilege: missing.privilege,
            object: missing.object.clone(),
        };
        return answer(Verdict::No, decided_by, facts);
    }
    if facts.total == Some(0) {
        return answer(Verdict::NoSuchRow, DecidedBy::Row, facts);
    }
    if facts.binding != Binding::Asked {
        let decided_by = DecidedBy::NotAsked { why: facts.binding };
        return answer(Verdict::Yes, decided_by, facts);
    }
    for gate in facts.gates {
        if let Some(stopped) = stopped(gate, facts) {
            return stopped;
        }
    }
    by_policies(facts)
}

/// The answer of a gate through which nothing goes.
fn stopped(gate: &Gate, facts: Facts<'_>) -> Option<Answer> {
    let kind = gate.kind;
    if let Some(message) = &gate.error {
        let decided_by = DecidedBy::Error {
            gate: kind,
            message: message.clone(),
        };
        return Some(answer(Verdict::No, decided_by, facts));
    }
    if !gate.stops() {
        return None;
    }
    let (of, permitted) = (gate.of?, gate.permitted?);
    let refuses = if gate.writes() {
        permitted < of
    } else {
        permitted == 0
    };
    let decided_by = if gate.names(PolicyKind::Permissive).is_empty() {
        DecidedBy::NoPolicy { gate: kind }
    } else if refuses {
        DecidedBy::Permissive {
            gate: kind,
            policies: gate.names(PolicyKind::Permissive),
        }
    } else {
        let takes = gate.policies.iter();
        DecidedBy::Restrictive {
            gate: kind,
            policies: takes
                .filter(|policy| policy.takes_away.is_some_and(|rows| rows > 0))
                .map(|policy| policy.name.clone())
                .collect(),
        }
    };
    let mut answer = answer(Verdict::No, decided_by, facts);
    answer.conditions = deciding(gate, &answer.decided_by);
    Some(answer)
}

/// The answer where each gate lets something through: the last that is asked about the rows that
/// are there, or, for a new row, about that, is told.
fn by_policies(facts: Facts<'_>) -> Answer {
    let of_old = |gate: &&Gate| matches!(gate.kind, GateKind::Read | GateKind::Reach);
    let gate = facts
        .gates
        .iter()
        .rev()
        .find(of_old)
        .or(facts.gates.first());
    let unknown = match gate {
        None => true,
        Some(gate) if gate.writes() => gate.passed.is_none(),
        Some(_) => facts.reached.is_none(),
    };
    let Some(gate) = gate.filter(|_| !unknown) else {
        return attempted(facts);
    };
    let through = |policy: &&super::gate::PolicyAnswer| {
        let tally = policy.condition.as_ref().and_then(|one| one.tally);
        policy.kind == PolicyKind::Permissive && tally.is_some_and(|tally| tally.yes > 0)
    };
    let decided_by = DecidedBy::Permissive {
        gate: gate.kind,
        policies: gate
            .policies
            .iter()
            .filter(through)
            .map(|policy| policy.name.clone())
            .collect(),
    };
    let verdict = match (facts.reached, facts.total) {
        (Some(0), Some(total)) if total > 0 => Verdict::No,
        (Some(reached), Some(total)) if reached < total => Verdict::Some,
        _ => Verdict::Yes,
    };
    let mut answer = answer(verdict, decided_by, facts);
    answer.conditions = deciding(gate, &answer.decided_by);
    answer
}

/// The answer where only the command itself tells.
fn attempted(facts: Facts<'_>) -> Answer {
    let verdict = match (facts.attempted, facts.total) {
        (Attempted::Rows { rows: 0 }, total) if total != Some(0) => Verdict::No,
        (Attempted::Rows { rows }, Some(total)) if *rows < total => Verdict::Some,
        (Attempted::Rows { .. }, _) => Verdict::Yes,
        (Attempted::Refused { .. }, _) => Verdict::No,
        // It may have failed before any policy was asked.
        (Attempted::Failed { .. } | Attempted::Not { .. }, _) => Verdict::Unknown,
    };
    let mut answer = answer(verdict, DecidedBy::Attempt, facts);
    if let Attempted::Rows { rows } = facts.attempted {
        answer.reached = Some(*rows);
    }
    answer
}

/// Whether the command itself ended as the chain says.
fn agrees(answer: &Answer, facts: Facts<'_>) -> Option<bool> {
    let refused = match &answer.decided_by {
        DecidedBy::Right { .. } | DecidedBy::Error { .. } => true,
        DecidedBy::NoPolicy { gate }
        | DecidedBy::Permissive { gate, .. }
        | DecidedBy::Restrictive { gate, .. } => {
            answer.verdict == Verdict::No && matches!(gate, GateKind::Write | GateKind::ReadBack)
        }
        DecidedBy::Attempt => return None,
        DecidedBy::Row | DecidedBy::NotAsked { .. } => false,
    };
    match facts.attempted {
        Attempted::Refused { .. } => Some(refused),
        Attempted::Rows { rows } => {
            let expected = match answer.verdict {
                Verdict::NoSuchRow => Some(0),
                // A new row is one.
                _ if facts.command == Privilege::Insert => Some(1),
                _ => Some(answer.reached?),
            };
            Some(!refused && expected == Some(*rows))
        }
        Attempted::Failed { .. } | Attempted::Not { .. } => None,
    }
}

/// The conditions of the policies that decided, down to those that are joined from no others.
fn deciding(gate: &Gate, decided_by: &DecidedBy) -> Vec<DecidingCondition> {
    let (DecidedBy::Permissive { policies, .. } | DecidedBy::Restrictive { policies, .. }) =
        decided_by
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for policy in &gate.policies {
        if policies.contains(&policy.name)
            && let Some(condition) = &policy.condition
        {
            collect(condition, &policy.name, &mut found);
        }
    }
    found
}

fn collect(condition: &ConditionAnswer, policy: &str, found: &mut Vec<DecidingCondition>) {
    let truth_of = |one: &ConditionAnswer| one.tally.and_then(super::gate::Tally::of_one);
    let Some(truth) = truth_of(condition) else {
        return;
    };
    let decides = |part: &&ConditionAnswer| {
        let Some(of_part) = truth_of(part) else {
            return false;
        };
        match (condition.joined_by, truth) {
            // Of several, what is false decides AND, and what is true decides OR.
            (Some(Joint::Or), Truth::True) => of_part == Truth::True,
            (Some(Joint::And), Truth::False) => of_part == Truth::False,
            (Some(Joint::And), Truth::Null) => of_part != Truth::True,
            _ => true,
        }
    };
    let mut parts = condition.parts.iter().filter(decides).peekable();
    if parts.peek().is_none() {
        found.push(DecidingCondition {
            policy: policy.to_owned(),
            sql: condition.sql.clone(),
            truth,
        });
        return;
    }
    for part in parts {
        collect(part, policy, found);
    }
}
