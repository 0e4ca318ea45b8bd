//! Rights that a new object gets by default privileges, which its state may not have.

use std::collections::BTreeMap;

use super::delta::Delta;
use crate::diff::emit;
use crate::schema::facts::{Fact, FactId, Kind, Value};

/// Everybody, as a grant names them.
const PUBLIC: &str = "public";

/// Of a grant on a new object, what is there as soon as the object is.
pub(super) fn granted(delta: &Delta, grant: &Fact) -> Option<Fact> {
    if grant.id.kind != Kind::Grant {
        return None;
    }
    let object = grant.id.subject()?;
    if !delta.made.contains(&object) {
        return None;
    }
    let held = given(delta, &object).remove(grant.id.last())?;
    let mut there = Fact::new(grant.id.clone(), None);
    let name = "privileges".to_owned();
    there.payload.insert(name, Value::List(held));
    Some(there)
}

/// What takes from a new object the rights that it was given, and is not to give; and gives what
/// everybody has by no word of it, where that was kept from it.
pub(super) fn revoked(delta: &Delta, object: &Fact) -> Vec<String> {
    let given = given(delta, &object.id).into_iter();
    given
        .filter(|(role, _)| {
            let grant = FactId::about(Kind::Grant, &object.id, Some(role));
            !delta.to.has(&grant)
        })
        .flat_map(|(role, held)| {
            let wanted = match role.as_str() {
                PUBLIC => emit::usual_rights(object.id.kind),
                _ => Vec::new(),
            };
            emit::change_rights(&object.id, &held, &wanted, &role)
        })
        .collect()
}

/// What the default privileges of the first state give to whom on a new object: they are in force
/// until everything is made.
fn given(delta: &Delta, object: &FactId) -> BTreeMap<String, Vec<String>> {
    let kind = match object.kind {
        Kind::Table | Kind::ForeignTable | Kind::View | Kind::MaterializedView => "tables",
        Kind::Sequence => "sequences",
        Kind::Function | Kind::Procedure | Kind::Aggregate => "functions",
        Kind::Enum | Kind::Composite | Kind::Range | Kind::Domain => "types",
        Kind::Schema => "schemas",
        _ => return BTreeMap::new(),
    };
    let schema = object.schema().filter(|_| object.kind != Kind::Schema);
    let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut is_told_of_all = false;
    for fact in delta.from.of_kind(Kind::DefaultPrivileges) {
        let id = &fact.id;
        let is_here = id.part(1).is_empty() || Some(id.part(1)) == schema;
        if id.part(0).is_empty() && id.part(2) == kind && is_here {
            is_told_of_all |= id.part(1).is_empty() && id.part(3) == PUBLIC;
            let rights = given.entry(id.part(3).to_owned()).or_default();
            rights.extend(fact.list("privileges").iter().cloned());
        }
    }
    // What a schema gives is besides what everybody has anyway.
    if let Some(rights) = given.get_mut(PUBLIC).filter(|_| !is_told_of_all) {
        rights.extend(emit::usual_rights(object.kind));
    }
    for rights in given.values_mut() {
        rights.sort();
        rights.dedup();
    }
    given
}
