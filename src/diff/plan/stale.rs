//! What was computed by a function that computes something else from now on.

use std::collections::BTreeSet;

use super::delta::Delta;
use crate::diff::order::is_not_valid;
use crate::schema::facts::{Fact, FactId, Kind};

/// What keeps what an older form of a function made of rows: indexes, generated columns that are stored,
/// materialized views, partitions; and checks, which rows passed then. None where the function computes
/// the same.
pub(super) fn kept<'d>(delta: &Delta<'d>, old: &Fact, new: &Fact) -> BTreeSet<&'d FactId> {
    let mut kept = BTreeSet::new();
    if !matches!(new.id.kind, Kind::Function) || computed(old) == computed(new) {
        return kept;
    }
    let mut seen = BTreeSet::new();
    let mut left = delta.dependants_of(&new.id);
    while let Some(id) = left.pop() {
        // What is made anew is so when the function is what it is to be.
        if delta.gone.contains(id) || !seen.insert(id) {
            continue;
        }
        let Some(fact) = delta.from.get(id) else {
            continue;
        };
        let keeps = match id.kind {
            Kind::Index | Kind::MaterializedView => true,
            Kind::Constraint | Kind::DomainConstraint => !is_not_valid(fact),
            Kind::Column => fact.text("generated").is_some() && !fact.flag("virtual"),
            Kind::Table => fact.text("partition_by").is_some(),
            _ => false,
        };
        if keeps {
            kept.insert(id);
        }
        // These compute by way of it.
        if matches!(
            id.kind,
            Kind::View | Kind::Function | Kind::Operator | Kind::OperatorClass | Kind::Aggregate
        ) {
            left.extend(delta.dependants_of(id));
            // Who reads a view reads columns of it.
            let columns = delta.from.under(Kind::Column, id.path());
            let columns = columns.filter(|_| id.kind == Kind::View);
            left.extend(columns.flat_map(|one| delta.dependants_of(&one.id)));
        }
    }
    kept
}

/// What a function's values hang on: its body, its settings, and whether it is asked of nulls.
fn computed(function: &Fact) -> (Vec<&str>, bool) {
    let text = function.text("definition").unwrap_or_default();
    let mut lines = text
        .lines()
        .skip_while(|line| !line.starts_with(" LANGUAGE "));
    let (mut values, mut is_strict) = (Vec::new(), false);
    for line in lines.by_ref() {
        let is_body = ["AS ", "BEGIN ATOMIC", "RETURN "]
            .into_iter()
            .any(|start| line.starts_with(start));
        if is_body || line.starts_with(" SET ") {
            values.push(line);
        } else {
            is_strict |= line.contains(" STRICT");
        }
        if is_body {
            break;
        }
    }
    values.extend(lines);
    (values, is_strict)
}
