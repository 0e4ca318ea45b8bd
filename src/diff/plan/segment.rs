//! What runs in one transaction, and what in none.

use serde::Serialize;

use super::hazard::{Hazard, HazardKind};
use super::migrate::Action;
use super::online::{Manner, Part};
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

/// A statement, without its semicolon, and the action that it is of.
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
    let mut laid: Vec<Vec<PlannedStatement>> = Vec::new();
    // The segment after which what an action makes is there.
    let mut there: Vec<usize> = Vec::with_capacity(actions.len());
    let mut last = 0;
    for (at, action) in actions.iter().enumerate() {
        let plain = [Part {
            manner: Manner::Within,
            sql: action.sql.clone(),
            looks_at_rows: true,
        }];
        let (parts, there_after) = match (&action.online, emission) {
            (Some(way), Emission::Online) => (&way.0[..], way.1),
            _ => (&plain[..], 0),
        };
        let waits = action.after.iter().map(|&before| {
            let needs_commit = actions.get(before).is_some_and(Action::adds_label);
            let segment = there.get(before).copied().unwrap_or_default();
            if needs_commit { segment + 2 } else { segment }
        });
        // What new objects get is changed when all are there.
        let least = if action.fact.kind == Kind::DefaultPrivileges {
            last
        } else {
            0
        };
        let mut segment = waits.max().unwrap_or(0).max(least);
        let mut is_there = segment;
        for (number, part) in parts.iter().enumerate() {
            segment = match part.manner {
                Manner::Within => segment + segment % 2,
                Manner::Outside => segment + 1 - segment % 2,
                Manner::Committed => segment + 2 - segment % 2,
            };
            if laid.len() <= segment {
                laid.resize_with(segment + 1, Vec::new);
            }
            let is_online = parts != plain;
            for (of_part, sql) in part.sql.iter().enumerate() {
                let tells = |hazard: &&Hazard| {
                    of_part == 0 && is_of_part(hazard.hazard, action, part, number, is_online)
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
    }
    let segments = laid
        .into_iter()
        .enumerate()
        .map(|(at, statements)| Segment {
            transaction: if at % 2 == 0 {
                Transaction::One
            } else {
                Transaction::Off
            },
            statements,
        });
    segments
        .filter(|segment| !segment.statements.is_empty())
        .collect()
}

/// Whether it is this part of an action that a hazard comes from.
fn is_of_part(
    hazard: HazardKind,
    action: &Action,
    part: &Part,
    number: usize,
    is_online: bool,
) -> bool {
    let is_rewrite = |one: &Hazard| one.hazard == HazardKind::RewritesTable;
    match hazard {
        // Nobody has to wait long on the way that is taken instead.
        HazardKind::BlocksTable => !is_online,
        HazardKind::MayFail if !action.hazards.iter().any(is_rewrite) => part.looks_at_rows,
        _ => number == 0,
    }
}
