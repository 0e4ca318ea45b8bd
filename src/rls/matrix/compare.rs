use std::collections::BTreeSet;

use serde::Serialize;

use super::{ActorAccess, Cell, Matrix, TableMatrix};
use crate::schema::Privilege;
use crate::sql::QualifiedName;

/// Where what was found is not what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Difference {
    /// A table that only one of them has.
    Table {
        /// The table.
        table: QualifiedName,
        /// It was found and is not kept; else the other way round.
        found: bool,
    },
    /// An actor that only one of them has.
    Actor {
        /// For this table alone; `null` where it is so for every table.
        table: Option<QualifiedName>,
        /// The actor.
        actor: String,
        /// It was tried and is not kept; else the other way round.
        found: bool,
    },
    /// A command of an actor that came out otherwise.
    Cell {
        /// The table.
        table: QualifiedName,
        /// The actor.
        actor: String,
        /// The command.
        command: Privilege,
        /// What is kept.
        expected: Cell,
        /// What was found.
        found: Cell,
    },
    /// What decides: a policy, a right, or row-level security itself.
    Pinned {
        /// The table.
        table: QualifiedName,
        /// The statement that is kept; `null` where there is none.
        expected: Option<String>,
        /// The statement that was found; `null` where there is none.
        found: Option<String>,
    },
}

/// Where `found` is not what is `expected`: actors first, then by table, what decides before what
/// comes of it. A
/// command that was not tried is no difference.
#[must_use]
pub fn compare(expected: &Matrix, found: &Matrix) -> Vec<Difference> {
    let names: BTreeSet<&QualifiedName> =
        expected.tables.keys().chain(found.tables.keys()).collect();
    let (kept, tried) = (expected.actors(), found.actors());
    let both: BTreeSet<&str> = kept.intersection(&tried).copied().collect();
    let only_one = kept.symmetric_difference(&tried);
    let mut differences: Vec<Difference> = only_one
        .map(|actor| Difference::Actor {
            table: None,
            actor: (*actor).to_owned(),
            found: tried.contains(actor),
        })
        .collect();
    for table in names {
        match (expected.tables.get(table), found.tables.get(table)) {
            (Some(expected), Some(found)) => {
                pinned(table, expected, found, &mut differences);
                actors(table, expected, found, &both, &mut differences);
            }
            (expected, _) => differences.push(Difference::Table {
                table: table.clone(),
                found: expected.is_none(),
            }),
        }
    }
    differences
}

fn pinned(
    table: &QualifiedName,
    expected: &TableMatrix,
    found: &TableMatrix,
    differences: &mut Vec<Difference>,
) {
    let mut new: Vec<&String> = found
        .pinned
        .iter()
        .filter(|one| !expected.pinned.contains(one))
        .collect();
    for gone in expected
        .pinned
        .iter()
        .filter(|one| !found.pinned.contains(one))
    {
        let changed = new
            .iter()
            .position(|one| subject(one) == subject(gone))
            .map(|at| new.remove(at));
        differences.push(Difference::Pinned {
            table: table.clone(),
            expected: Some(gone.clone()),
            found: changed.cloned(),
        });
    }
    differences.extend(new.into_iter().map(|one| Difference::Pinned {
        table: table.clone(),
        expected: None,
        found: Some(one.clone()),
    }));
}

/// What a pinned statement is about: a policy by its name, a right by whose it is.
fn subject(statement: &str) -> (&str, &str) {
    if let Some(rest) = statement.strip_prefix("create policy ") {
        // The name of the table behind it is the same for both.
        return ("policy", rest.split(" on ").next().unwrap_or(rest));
    }
    match statement.rsplit_once(" to ") {
        Some((_, grantee)) if statement.starts_with("grant ") => ("grant", grantee),
        _ => ("table", ""),
    }
}

fn actors(
    table: &QualifiedName,
    expected: &TableMatrix,
    found: &TableMatrix,
    both: &BTreeSet<&str>,
    differences: &mut Vec<Difference>,
) {
    let only_one = |actor: &str, found| Difference::Actor {
        table: Some(table.clone()),
        actor: actor.to_owned(),
        found,
    };
    let in_both = |one: &&ActorAccess| both.contains(one.actor.as_str());
    for kept in expected.actors.iter().filter(in_both) {
        let Some(tried) = found.actor(&kept.actor) else {
            differences.push(only_one(&kept.actor, false));
            continue;
        };
        for (command, found) in &tried.cells {
            let Some(expected) = kept.cells.get(command).filter(|one| *one != found) else {
                continue;
            };
            differences.push(Difference::Cell {
                table: table.clone(),
                actor: kept.actor.clone(),
                command: *command,
                expected: expected.clone(),
                found: found.clone(),
            });
        }
    }
    for tried in found.actors.iter().filter(in_both) {
        if expected.actor(&tried.actor).is_none() {
            differences.push(only_one(&tried.actor, true));
        }
    }
}
