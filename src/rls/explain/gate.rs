//! The policies that a command asks, one gate after the other, and what they say.

use serde::Serialize;

use super::super::Audit;
use super::split::{Condition, Joint};
use crate::schema::{Grantee, Policy, PolicyCommand, PolicyKind, Privilege, Relation};

/// What the policies of a gate are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateKind {
    /// Whether a row is there to be read: SELECT reads it, UPDATE and DELETE look for it.
    Read,
    /// Whether a row that is read may be changed or deleted.
    Reach,
    /// Whether a row may be written as it is to be.
    Write,
    /// Whether a row that was written can be read afterwards.
    ReadBack,
}

/// The clause that an expression stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Clause {
    /// Which rows are there.
    #[serde(rename = "USING")]
    Using,
    /// Which rows may be written.
    #[serde(rename = "WITH CHECK")]
    WithCheck,
}

/// A policy that is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedPolicy {
    /// Its name.
    pub name: String,
    /// The command that it is for.
    pub command: PolicyCommand,
    /// How its answer counts.
    pub kind: PolicyKind,
    /// For whom.
    pub roles: Vec<Grantee>,
    /// Where its expression stands.
    pub clause: Clause,
    /// Its expression; `None` where it has none, and so says yes to nothing.
    pub condition: Option<Condition>,
}

/// The policies that are asked at one gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedGate {
    /// What they are asked about.
    pub kind: GateKind,
    /// For which command.
    pub command: Privilege,
    /// The permissive ones first, each kind by name.
    pub policies: Vec<AskedPolicy>,
    /// Those for the command that are for other roles alone.
    pub for_others: Vec<OthersPolicy>,
}

/// A policy that is not asked, because it is for other roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OthersPolicy {
    /// Its name.
    pub name: String,
    /// For whom.
    pub roles: Vec<Grantee>,
}

/// Where the conditions of policies were asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "place", rename_all = "kebab-case")]
pub enum AskedOn {
    /// The table itself, in a savepoint, with all its policies taken away but one with the condition.
    Table,
    /// A temporary copy of the rows, with one policy with the condition.
    Copy {
        /// Why not the table.
        why: WhyCopy,
    },
    /// Nowhere: neither can be had.
    Nothing {
        /// Why, in the server's words.
        reason: String,
    },
}

/// Why a copy of the rows was asked, and not the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum WhyCopy {
    /// The rows are those that would be written.
    NewRows,
    /// People rely on the database: nobody is to wait for a lock on the table.
    Production,
    /// The migrating role does not own the table.
    NotOwner,
    /// The table could not be had, in the server's words.
    Refused {
        /// Why.
        message: String,
    },
}

/// What a gate's policies said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// What they were asked about.
    pub kind: GateKind,
    /// For which command.
    pub command: Privilege,
    /// Where.
    pub asked_on: AskedOn,
    /// Of how many rows; `null` where they could not be counted.
    pub of: Option<u64>,
    /// How many of them a permissive policy lets through.
    pub permitted: Option<u64>,
    /// How many of those the restrictive policies leave.
    pub passed: Option<u64>,
    /// Why the gate could not be asked as a whole, in the server's words.
    pub error: Option<String>,
    /// Each policy, alone.
    pub policies: Vec<PolicyAnswer>,
    /// Those for the command that are for other roles alone, and are not asked.
    pub for_others: Vec<OthersPolicy>,
}

/// What one policy said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyAnswer {
    /// Its name.
    pub name: String,
    /// The command that it is for.
    pub command: PolicyCommand,
    /// How its answer counts.
    pub kind: PolicyKind,
    /// For whom.
    pub roles: Vec<Grantee>,
    /// Where its expression stands.
    pub clause: Clause,
    /// What its expression said; `null` where it has none.
    pub condition: Option<ConditionAnswer>,
    /// How many of the rows that were permitted it takes away; `null` for a permissive one.
    pub takes_away: Option<u64>,
}

/// What a condition said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionAnswer {
    /// Its text.
    pub sql: String,
    /// How its parts are joined; `null` where it has none.
    pub joined_by: Option<Joint>,
    /// Of how many rows it said what; `null` where it could not be asked.
    pub tally: Option<Tally>,
    /// Why it could not be asked, in the server's words.
    pub error: Option<String>,
    /// What each of its parts said.
    pub parts: Vec<Self>,
}

/// Of how many rows a condition said what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// True.
    pub yes: u64,
    /// False.
    pub no: u64,
    /// Null, which lets nothing through.
    pub null: u64,
}

/// What a condition says of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Truth {
    /// True.
    True,
    /// False.
    False,
    /// Null.
    Null,
}

impl Tally {
    /// What was said, where it was of one row.
    #[must_use]
    pub fn of_one(self) -> Option<Truth> {
        match (self.yes, self.no, self.null) {
            (1, 0, 0) => Some(Truth::True),
            (0, 1, 0) => Some(Truth::False),
            (0, 0, 1) => Some(Truth::Null),
            _ => None,
        }
    }
}

/// The gates of a command on a table, in the order in which they are passed. Where the command
/// `reads` the rows that it changes, to find them or to return them, the policies for SELECT are
/// asked too.
#[must_use]
pub fn gates(
    audit: Audit<'_>,
    table: &Relation,
    role: &str,
    command: Privilege,
    reads: bool,
) -> Vec<AskedGate> {
    let gate = |kind, command, clause| gate(audit, table, role, kind, command, clause);
    let read = |kind| reads.then(|| gate(kind, Privilege::Select, Clause::Using));
    let reach = || gate(GateKind::Reach, command, Clause::Using);
    let write = || gate(GateKind::Write, command, Clause::WithCheck);
    let gates = match command {
        Privilege::Insert => [None, None, Some(write()), read(GateKind::ReadBack)],
        Privilege::Update => [
            read(GateKind::Read),
            Some(reach()),
            Some(write()),
            read(GateKind::ReadBack),
        ],
        Privilege::Delete => [read(GateKind::Read), Some(reach()), None, None],
        _ => [read(GateKind::Read), None, None, None],
    };
    gates.into_iter().flatten().collect()
}

fn gate(
    audit: Audit<'_>,
    table: &Relation,
    role: &str,
    kind: GateKind,
    command: Privilege,
    clause: Clause,
) -> AskedGate {
    let who = Grantee::role(role);
    let policies = [PolicyKind::Permissive, PolicyKind::Restrictive]
        .into_iter()
        .flat_map(|kind| audit.asked(table, &who, command, kind))
        .map(|policy| asked(policy, clause))
        .collect();
    let others = table
        .policies
        .iter()
        .filter(|policy| policy.command.covers(command) && !audit.applies(policy, &who));
    AskedGate {
        kind,
        command,
        policies,
        for_others: others
            .map(|policy| OthersPolicy {
                name: policy.name.clone(),
                roles: policy.roles.clone(),
            })
            .collect(),
    }
}

/// A policy without WITH CHECK is asked by its USING.
fn asked(policy: &Policy, clause: Clause) -> AskedPolicy {
    let (clause, expression) = match (clause, &policy.check) {
        (Clause::WithCheck, Some(check)) => (Clause::WithCheck, Some(check)),
        _ => (Clause::Using, policy.using.as_ref()),
    };
    AskedPolicy {
        name: policy.name.clone(),
        command: policy.command,
        kind: policy.kind,
        roles: policy.roles.clone(),
        clause,
        condition: expression.map(|expression| Condition::parse(&expression.sql)),
    }
}

impl AskedGate {
    /// What lets a row through by the permissive policies.
    #[must_use]
    pub fn permissive_sql(&self) -> String {
        let permissive = self.of_kind(PolicyKind::Permissive);
        let all: Vec<String> = permissive.map(|sql| format!("({sql})")).collect();
        if all.is_empty() {
            return "false".to_owned();
        }
        format!("({})", all.join(" or "))
    }

    /// What lets a row through by all of them.
    #[must_use]
    pub fn whole_sql(&self) -> String {
        let mut sql = self.permissive_sql();
        for one in self.of_kind(PolicyKind::Restrictive) {
            sql.push_str(&format!(" and ({one})"));
        }
        sql
    }

    fn of_kind(&self, kind: PolicyKind) -> impl Iterator<Item = &str> {
        self.policies
            .iter()
            .filter(move |policy| policy.kind == kind)
            .filter_map(|policy| Some(policy.condition.as_ref()?.sql.as_str()))
    }
}

impl Gate {
    /// Whether the chain ends here: nothing goes through, or, where rows are written, not all do.
    #[must_use]
    pub fn stops(&self) -> bool {
        if self.error.is_some() {
            return true;
        }
        let (Some(of), Some(passed)) = (self.of, self.passed) else {
            return false;
        };
        of > 0
            && if self.writes() {
                passed < of
            } else {
                passed == 0
            }
    }

    /// Whether its rows are those that would be written: one that does not pass fails the command.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(self.kind, GateKind::Write | GateKind::ReadBack)
    }

    /// The names of the policies of a kind.
    pub(super) fn names(&self, kind: PolicyKind) -> Vec<String> {
        self.policies
            .iter()
            .filter(|policy| policy.kind == kind)
            .map(|policy| policy.name.clone())
            .collect()
    }
}
