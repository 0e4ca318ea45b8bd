//! What guards a table is away for as short as can be: it goes in the transaction in which it comes again,
//! or in which something else stands in for it.

use std::collections::{BTreeMap, BTreeSet};

use super::guard::Guard;
use super::hazard::{Hazard, HazardKind};
use super::migrate::{Action, ActionKind};
use super::online::Manner;
use super::segment::{Emission, Laid, PlannedStatement, lay};
use crate::schema::facts::{FactId, Kind};

/// How often what is held back may hold other things back.
const ROUNDS: usize = 8;

/// Lays actions out, so that what comes again is away for as short as can be.
pub(super) fn laid(actions: &[Action], emission: Emission) -> Laid {
    let late = Late::of(actions, emission);
    let first = lay(actions, emission, &vec![0; actions.len()]);
    let mut least = vec![0; actions.len()];
    let mut laid = first;
    for _ in 0..ROUNDS {
        let next = late.least(&laid, &least, Waiting::HeldBack);
        if next == least {
            return laid;
        }
        laid = lay(actions, emission, &next);
        least = next;
    }
    // What waits comes later and later: it is left where it is.
    let least = vec![0; actions.len()];
    let laid = lay(actions, emission, &least);
    let least = late.least(&laid, &least, Waiting::Left);
    lay(actions, emission, &least)
}

/// What becomes of what waits for something to go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waiting {
    /// It waits on, until that comes again.
    HeldBack,
    /// It has it gone as soon as it can.
    Left,
}

struct Late<'a> {
    actions: &'a [Action],
    emission: Emission,
    /// Where each fact comes.
    comes: BTreeMap<&'a FactId, usize>,
    /// What is put on a table, or changed, that guards it.
    guards: BTreeMap<(&'a str, &'a str), Vec<usize>>,
    /// What waits for each action.
    waiting: Vec<Vec<usize>>,
}

impl<'a> Late<'a> {
    fn of(actions: &'a [Action], emission: Emission) -> Self {
        let (mut comes, mut guards) = (BTreeMap::new(), BTreeMap::new());
        let mut waiting = vec![Vec::new(); actions.len()];
        for (at, action) in actions.iter().enumerate() {
            if action.action == ActionKind::Create {
                comes.insert(&action.fact, at);
            }
            if let Some(table) = action.fact.relation()
                && action.guard.is_some()
                && action.action != ActionKind::Drop
            {
                let all: &mut Vec<usize> = guards.entry(table).or_default();
                all.push(at);
            }
            for &before in &action.after {
                waiting[before].push(at);
            }
        }
        Self {
            actions,
            emission,
            comes,
            guards,
            waiting,
        }
    }

    /// For each action the segment that it is held back to.
    fn least(&self, laid: &Laid, least: &[usize], waiting: Waiting) -> Vec<usize> {
        let (mut least, mut begins) = (least.to_vec(), laid.begins.clone());
        // What waits for an action stands behind it.
        for (at, action) in self.actions.iter().enumerate().rev() {
            // What is put aside goes, too.
            if !matches!(action.action, ActionKind::Drop | ActionKind::Rename) {
                continue;
            }
            let again = self.comes.get(&action.fact).map(|&again| begins[again]);
            let Some(until) = again.or_else(|| self.stands_in(at, laid)) else {
                continue;
            };
            let is_within = !self.is_apart(at);
            let transaction = |segment: usize| match is_within {
                true => segment - segment % 2,
                false => segment,
            };
            let needed = self.waiting[at].iter().map(|&then| {
                let is_last =
                    self.is_in_parts(then) && self.actions[then].waits_at_last(&self.actions[at]);
                if is_last {
                    laid.there[then]
                } else {
                    begins[then]
                }
            });
            let soonest = needed.min().map_or(until, |needed| needed.min(until));
            if transaction(soonest) > begins[at] {
                begins[at] = transaction(soonest);
                least[at] = begins[at];
            }
            let until = transaction(until);
            if waiting == Waiting::Left || action.guard.is_none() || begins[at] >= until {
                continue;
            }
            for &then in &self.waiting[at] {
                let is_held = match again {
                    Some(_) => self.can_wait(then),
                    None => self.joins(then),
                };
                if is_held && begins[then] < until {
                    least[then] = least[then].max(until);
                }
            }
        }
        least
    }

    /// The segment after which something else does for what an action takes away.
    fn stands_in(&self, at: usize, laid: &Laid) -> Option<usize> {
        let gone = &self.actions[at];
        gone.guard?;
        let others = self.guards.get(&gone.fact.relation()?)?.iter();
        let others = others.filter(|&&other| self.actions[other].stands_in_for(gone));
        let there = others.map(|&other| laid.there[other]).max()?;
        Some(there + there % 2)
    }

    /// Whether what an action does may as well be done later.
    fn can_wait(&self, at: usize) -> bool {
        let is_plain = !self.is_in_parts(at) && !self.is_apart(at);
        self.joins(at) || is_plain && !self.actions[at].adds_label()
    }

    /// Whether a table becomes a partition, all of which it has got before.
    fn joins(&self, at: usize) -> bool {
        let action = &self.actions[at];
        action.action == ActionKind::Create && action.fact.kind == Kind::Partition
    }

    /// Whether an action is done in several parts.
    fn is_in_parts(&self, at: usize) -> bool {
        let way = self.actions[at].online.as_ref();
        self.emission == Emission::Online && way.is_some_and(|way| way.parts.len() > 1)
    }

    /// Whether an action is done in no transaction.
    fn is_apart(&self, at: usize) -> bool {
        let way = self.actions[at].online.as_ref();
        let mut parts = way.into_iter().flat_map(|way| &way.parts);
        self.emission == Emission::Online && parts.any(|part| part.manner == Manner::Outside)
    }
}

/// Has what takes a guard away say so, where it comes again in a later transaction only.
pub(super) fn tell(actions: &[Action], laid: &mut Laid) {
    let comes: BTreeMap<&FactId, usize> = actions
        .iter()
        .enumerate()
        .filter(|(_, action)| action.action == ActionKind::Create)
        .map(|(at, action)| (&action.fact, laid.begins[at]))
        .collect();
    let mut away = BTreeSet::new();
    for (segment, statements) in laid.statements.iter_mut().enumerate() {
        for statement in statements {
            let action = &actions[statement.action];
            let again = comes.get(&action.fact).copied();
            let is_part = action.fact.kind == Kind::Partition;
            let is_away = action.action == ActionKind::Drop
                && (action.guard.is_some() || is_part)
                && again.is_some_and(|again| again > segment);
            let hazard = Hazard {
                // Nobody has its rows meanwhile, or can put others there.
                hazard: match is_part {
                    true => HazardKind::BlocksTable,
                    false => HazardKind::LoosensAccess,
                },
                fact: action.fact.clone(),
            };
            if is_away {
                away.insert(&action.fact);
                add(statement, hazard);
            }
            // Whatever it keeps was kept by nothing meanwhile.
            let is_key = action.action == ActionKind::Create && action.guard == Some(Guard::Key);
            if is_key && away.remove(&action.fact) {
                let hazard = Hazard {
                    hazard: HazardKind::MayFail,
                    fact: action.fact.clone(),
                };
                add(statement, hazard);
            }
        }
    }
}

fn add(statement: &mut PlannedStatement, hazard: Hazard) {
    if !statement.hazards.contains(&hazard) {
        statement.hazards.push(hazard);
    }
}
