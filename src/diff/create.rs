use serde::Serialize;

use super::emit;
use super::order::{Cycle, order};
use crate::schema::facts::{Fact, FactId, Kind, State};

/// A statement, without its semicolon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The object that it is about.
    pub object: FactId,
    /// The statement.
    pub sql: String,
}

/// An object with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Object {
    /// Which.
    pub object: FactId,
    /// Its statements, each ended by a semicolon and a line end.
    pub sql: String,
}

/// The statements that make a state in a new database, each behind what it needs. The session that
/// runs them has an empty `search_path`, and `check_function_bodies` off.
///
/// # Errors
/// [`Cycle`], which would be a mistake of ours.
pub fn create(state: &State) -> Result<Vec<Statement>, Cycle> {
    let empty = State::empty(state.server_version_num, &state.home);
    let mut statements = Vec::new();
    for fact in empty.facts().values().filter(|fact| !state.has(&fact.id)) {
        let sql = match (fact.id.kind, fact.id.subject()) {
            (Kind::Schema, _) => format!("DROP SCHEMA {}", fact.id.name()),
            // It goes with its schema.
            (_, Some(subject)) if !state.has(&subject) => continue,
            _ => emit::revoke_all(fact),
        };
        statements.push(Statement {
            object: object_of(&empty, fact).clone(),
            sql,
        });
    }
    for step in order(state)? {
        let Some(fact) = state.get(step.id) else {
            continue;
        };
        if empty.get(step.id) == Some(fact) {
            continue;
        }
        let object = object_of(state, fact);
        let made = emit::create(state, fact, &step.with, empty.get(step.id));
        statements.extend(made.into_iter().map(|sql| Statement {
            object: object.clone(),
            sql,
        }));
    }
    Ok(statements)
}

/// The same for each object by itself, in the order of kinds and names.
///
/// # Errors
/// As [`create`].
pub fn objects(state: &State) -> Result<Vec<Object>, Cycle> {
    let mut statements = create(state)?;
    // Of one object, they stay in their order.
    statements.sort_by(|a, b| a.object.cmp(&b.object));
    let mut objects: Vec<Object> = Vec::new();
    for statement in statements {
        let sql = format!("{};\n", statement.sql);
        match objects.last_mut() {
            Some(last) if last.object == statement.object => last.sql.push_str(&sql),
            _ => objects.push(Object {
                object: statement.object,
                sql,
            }),
        }
    }
    // No statement makes one that is.
    for index in state.of_kind(Kind::Index).filter(|one| one.flag("invalid")) {
        let of = object_of(state, index);
        if let Some(object) = objects.iter_mut().find(|one| one.object == *of) {
            let name = index.id.name().replace(['\n', '\r'], " ");
            let told = format!("-- Index {name} is INVALID: it has to be built anew.\n");
            object.sql.push_str(&told);
        }
    }
    Ok(objects)
}

/// The object that a fact belongs to at last.
pub(super) fn object_of<'s>(state: &'s State, fact: &'s Fact) -> &'s FactId {
    match fact.parent.as_ref().and_then(|parent| state.get(parent)) {
        Some(parent) => object_of(state, parent),
        None => &fact.id,
    }
}
