//! What runs in one transaction, and what in none.

use serde::Serialize;

use super::hazard::{Hazard, HazardKind};
use super::join::joined;
use super::late;
use super::migrate::Action;
use super::online::{Manner, Part, Way};
use crate::schema::facts::{FactId, Kind};

/// Whether those who use the database meanwhile are spared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Emission {
    /// Indexes are built beside the work, constraints validated after they are there.
    #[default]
    Online,
    /// Everything in one transaction, as far as PostgreSQL lets it be.
    Plain,
}

/// How a segment runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transaction {
    /// In one transaction.
    One,
    /// Each statement by itself.
    Off,
}

/// A statement, without its semicolon, and the action that it is of; the first of them, where several
/// changes of a table are in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedStatement {
    /// The place of its action in the list.
    pub action: usize,
    /// The object that it is about.
    pub object: FactId,
    /// The statement.
    pub sql: String,
    /// What is to be known before it is run.
    pub hazards: Vec<Hazard>,
}

/// Statements that run together, and are committed before the next ones begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// How they run.
    pub transaction: Transaction,
    /// They.
    pub statements: Vec<PlannedStatement>,
}

/// Lays actions out in segments. Those of an even number are transactions, the others are none; those
/// in which there is nothing to do are left out.
#[must_use]
pub fn segments(actions: &[Action], emission: Emission) -> Vec<Segment> {
    let mut laid = late::laid(actions, emission);
    late::tell(actions, &mut laid);
    let segments = laid
        .statements
        .into_iter()
        .enumerate()
        .map(|(at, statements)| Segment {
            transaction: if at % 2 == 0 {
                Transaction::One
            } else {
                Transaction::Off
            },
            statements: joined(actions, statements),
        });
    segments
        .filter(|segment| !segment.statements.is_empty())
        .collect()
}

/// Statements by segment.
pub(super) struct Laid {
    pub(super) statements: Vec<Vec<PlannedStatement>>,
    /// The segment in which each action begins.
    pub(super) begins: Vec<usize>,
    /// The one after which what it makes is there.
    pub(super) there: Vec<usize>,
}

/// Lays actions out, none before the segment that is the least for it.
pub(super) fn lay(actions: &[Action], emission: Emission, least: &[usize]) -> Laid {
    let mut laid: Vec<Vec<PlannedStatement>> = Vec::new();
    // The segment after which what an action makes is there, and the one in which it begins.
    let mut there: Vec<usize> = Vec::with_capacity(actions.len());
    let mut begins: Vec<usize> = Vec::with_capacity(actions.len());
    let mut last = 0;
    for (at, action) in actions.iter().enumerate() {
        let plain = [Part {
            manner: Manner::Within,
            sql: action.sql.clone(),
            looks_at_rows: true,
        }];
        let (parts, there_after) = match (&action.online, emission) {
            (Some(way), Emission::Online) => (&way.parts[..], way.there_after),
            _ => (&plain[..], 0),
        };
        let way = action
            .online
            .as_ref()
            .filter(|_| emission == Emission::Online);
        let is_at_last = |before: usize| {
            let before = actions.get(before);
            parts.len() > 1 && before.is_some_and(|before| action.waits_at_last(before))
        };
        let (at_last, at_first): (Vec<usize>, Vec<usize>) =
            action.after.iter().partition(|&&before| is_at_last(before));
        let waits = at_first.into_iter().map(|before| {
            let needs_commit = actions.get(before).is_some_and(Action::adds_label);
            // A column that others may not leave empty any more has its default by then; and what
            // reads it need not wait until it is filled, and not null.
            let is_of_column = actions
                .get(before)
                .is_some_and(|one| one.fact.kind == Kind::Column);
            let at = if is_of_column && is_content_with_nulls(action.fact.kind) {
                &begins
            } else {
                &there
            };
            let segment = at.get(before).copied().unwrap_or_default();
            if needs_commit { segment + 2 } else { segment }
        });
        // What new objects get is changed when all are there.
        let least = if action.fact.kind == Kind::DefaultPrivileges {
            last
        } else {
            least[at]
        };
        let mut segment = waits.max().unwrap_or(0).max(least);
        let mut is_there = segment;
        let mut begin = None;
        for (number, part) in parts.iter().enumerate() {
            if number + 1 == parts.len() {
                let before = at_last.iter().filter_map(|&before| there.get(before));
                segment = before.copied().fold(segment, usize::max);
            }
            segment = match part.manner {
                Manner::Within => segment + segment % 2,
                Manner::Outside => segment + 1 - segment % 2,
                Manner::Committed => segment + 2 - segment % 2,
            };
            begin.get_or_insert(segment);
            if laid.len() <= segment {
                laid.resize_with(segment + 1, Vec::new);
            }
            for (of_part, sql) in part.sql.iter().enumerate() {
                let tells = |hazard: &&Hazard| {
                    of_part == 0 && is_of_part(hazard.hazard, action, way, part, number)
                };
                laid[segment].push(PlannedStatement {
                    action: at,
                    object: action.object.clone(),
                    sql: sql.clone(),
                    hazards: action.hazards.iter().filter(tells).cloned().collect(),
                });
            }
            if number == there_after {
                is_there = segment;
            }
        }
        last = last.max(is_there);
        there.push(is_there);
        begins.push(begin.unwrap_or(is_there));
    }
    Laid {
        statements: laid,
        begins,
        there,
    }
}

/// Whether a fact can be there as soon as its columns are, though they may still be null.
fn is_content_with_nulls(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Default
            | Kind::View
            | Kind::ForeignKey
            | Kind::Index
            | Kind::Policy
            | Kind::Trigger
            | Kind::Rule
            | Kind::Comment
            | Kind::Grant
            | Kind::Function
            | Kind::Procedure
            | Kind::SequenceOwner
    )
}

/// Whether it is this part of an action that a hazard comes from.
fn is_of_part(
    hazard: HazardKind,
    action: &Action,
    way: Option<&Way>,
    part: &Part,
    number: usize,
) -> bool {
    if way.is_some_and(|way| way.spares.contains(&hazard)) {
        return false;
    }
    let is_rewrite = |one: &Hazard| one.hazard == HazardKind::RewritesTable;
    match hazard {
        // A type that rows may be against is changed first.
        HazardKind::MayFail => {
            part.looks_at_rows || number == 0 && action.hazards.iter().any(is_rewrite)
        }
        _ => number == 0,
    }
}
