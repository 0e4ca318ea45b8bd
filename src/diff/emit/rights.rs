//! Owners, grants, default privileges.

use super::statement::{grantee, phrase};
use crate::schema::facts::{Fact, FactId, Kind, State};
use crate::sql::quote_ident;

const OPTION: &str = " WITH GRANT OPTION";

/// The statements; `there` is the same fact where a new database has it already.
pub(super) fn create(state: &State, fact: &Fact, there: Option<&Fact>) -> Vec<String> {
    let id = &fact.id;
    if id.kind == Kind::DefaultPrivileges {
        return default_privileges(fact);
    }
    let Some(object) = id.subject() else {
        return Vec::new();
    };
    match id.kind {
        Kind::Owner => {
            let object = state.get(&object).map(phrase).unwrap_or_default();
            let role = quote_ident(fact.text("role").unwrap_or_default());
            vec![format!("ALTER {object} OWNER TO {role}")]
        }
        Kind::OwnerRights => {
            let owner = state.get(&FactId::about(Kind::Owner, &object, None));
            let owner = owner.and_then(|owner| owner.text("role")).map(quote_ident);
            let owner = owner.unwrap_or_else(|| "CURRENT_USER".to_owned());
            let on = target(&object);
            let mut made = vec![format!("REVOKE ALL ON {on} FROM {owner}")];
            made.extend(grants(&object, fact.list("privileges"), &owner));
            made
        }
        _ => {
            let usual = match there {
                Some(there) => there.list("privileges").to_vec(),
                None => usual_of(fact, &object),
            };
            change(&object, &usual, fact.list("privileges"), id.last())
        }
    }
}

/// The statements that take a fact away: the rights are those then that are there by default.
pub(super) fn drop(state: &State, fact: &Fact) -> Vec<String> {
    let id = &fact.id;
    if id.kind == Kind::DefaultPrivileges {
        return change_defaults(id, fact.list("privileges"), &usual_defaults(id));
    }
    let Some(object) = id.subject() else {
        return Vec::new();
    };
    match id.kind {
        Kind::Owner => {
            let object = state.get(&object).map(phrase).unwrap_or_default();
            vec![format!("ALTER {object} OWNER TO CURRENT_USER")]
        }
        Kind::OwnerRights => {
            let owner = state.get(&FactId::about(Kind::Owner, &object, None));
            let owner = owner.and_then(|owner| owner.text("role")).map(quote_ident);
            let owner = owner.unwrap_or_else(|| "CURRENT_USER".to_owned());
            vec![format!("GRANT ALL ON {} TO {owner}", target(&object))]
        }
        _ => {
            let usual = usual_of(fact, &object);
            change(&object, fact.list("privileges"), &usual, id.last())
        }
    }
}

/// The statements that make one fact of the other.
pub(in crate::diff) fn alter(state: &State, old: &Fact, new: &Fact) -> Vec<String> {
    let id = &new.id;
    let (held, wanted) = (old.list("privileges"), new.list("privileges"));
    match (id.kind, id.subject()) {
        (Kind::DefaultPrivileges, _) => change_defaults(id, held, wanted),
        (Kind::Grant, Some(object)) => change(&object, held, wanted, id.last()),
        _ => create(state, new, None),
    }
}

fn usual_of(fact: &Fact, object: &FactId) -> Vec<String> {
    if fact.id.last() == "public" {
        usual(object.kind)
    } else {
        Vec::new()
    }
}

/// What makes the rights that somebody has those that he is to have.
pub(in crate::diff) fn change(
    object: &FactId,
    held: &[String],
    wanted: &[String],
    to: &str,
) -> Vec<String> {
    let to = grantee(to);
    let (gone, options, new) = changes(held, wanted);
    let column =
        (object.kind == Kind::Column).then(|| format!(" ({})", quote_ident(object.last())));
    let column = column.unwrap_or_default();
    let mut made = Vec::new();
    for (rights, word) in [(gone, "REVOKE"), (options, "REVOKE GRANT OPTION FOR")] {
        if !rights.is_empty() {
            let rights: Vec<String> = rights
                .iter()
                .map(|right| format!("{right}{column}"))
                .collect();
            let on = target(object);
            made.push(format!("{word} {} ON {on} FROM {to}", rights.join(", ")));
        }
    }
    made.extend(grants(object, &new, &to));
    made
}

/// The rights to take, those that may not be handed on any more, and those to give.
fn changes<'r>(held: &'r [String], wanted: &[String]) -> (Vec<&'r str>, Vec<&'r str>, Vec<String>) {
    let plain = |right: &'r String| right.trim_end_matches(OPTION);
    let wants = |right: &str| {
        wanted
            .iter()
            .any(|one| one.trim_end_matches(OPTION) == right)
    };
    let gone = held
        .iter()
        .map(plain)
        .filter(|right| !wants(right))
        .collect();
    let options = held
        .iter()
        .filter(|right| right.ends_with(OPTION) && !wanted.contains(right))
        .map(plain)
        .filter(|right| wants(right))
        .collect();
    let new = wanted.iter().filter(|one| {
        let stronger = format!("{one}{OPTION}");
        !held.contains(one) && !held.contains(&stronger)
    });
    (gone, options, new.cloned().collect())
}

/// What takes the rights that a fact tells of.
pub(in crate::diff) fn revoke_all(fact: &Fact) -> String {
    let object = fact.id.subject().unwrap_or_else(|| fact.id.clone());
    let from = grantee(fact.id.last());
    format!("REVOKE ALL ON {} FROM {from}", target(&object))
}

/// What everybody may do with a new object of this kind.
pub(in crate::diff) fn usual(kind: Kind) -> Vec<String> {
    let right = match kind {
        Kind::Function | Kind::Procedure | Kind::Aggregate => "EXECUTE",
        Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range => "USAGE",
        _ => return Vec::new(),
    };
    vec![right.to_owned()]
}

fn grants(object: &FactId, rights: &[String], to: &str) -> Vec<String> {
    let (with, without): (Vec<&String>, Vec<&String>) =
        rights.iter().partition(|right| right.ends_with(OPTION));
    let column =
        (object.kind == Kind::Column).then(|| format!(" ({})", quote_ident(object.last())));
    let column = column.unwrap_or_default();
    let mut made = Vec::new();
    for (rights, end) in [(without, ""), (with, OPTION)] {
        if rights.is_empty() {
            continue;
        }
        let rights: Vec<String> = rights
            .iter()
            .map(|right| format!("{}{column}", right.trim_end_matches(OPTION)))
            .collect();
        let on = target(object);
        made.push(format!("GRANT {} ON {on} TO {to}{end}", rights.join(", ")));
    }
    made
}

/// How GRANT names an object.
fn target(object: &FactId) -> String {
    let name = object.name();
    match object.kind {
        Kind::Column => {
            let (schema, table) = object.relation().unwrap_or_default();
            format!("TABLE {}.{}", quote_ident(schema), quote_ident(table))
        }
        Kind::View | Kind::MaterializedView | Kind::ForeignTable => format!("TABLE {name}"),
        Kind::Aggregate => format!("FUNCTION {name}"),
        Kind::ForeignServer => format!("FOREIGN SERVER {name}"),
        kind => format!("{} {name}", kind.sql()),
    }
}

fn default_privileges(fact: &Fact) -> Vec<String> {
    let held = usual_defaults(&fact.id);
    change_defaults(&fact.id, &held, fact.list("privileges"))
}

/// What everybody may do with what is made, where nothing else is said.
fn usual_defaults(id: &FactId) -> Vec<String> {
    match (id.part(1), id.part(2), id.part(3)) {
        ("", "functions", "public") => usual(Kind::Function),
        ("", "types", "public") => usual(Kind::Enum),
        _ => Vec::new(),
    }
}

fn change_defaults(id: &FactId, held: &[String], wanted: &[String]) -> Vec<String> {
    let mut start = "ALTER DEFAULT PRIVILEGES".to_owned();
    if !id.part(0).is_empty() {
        start.push_str(&format!(" FOR ROLE {}", quote_ident(id.part(0))));
    }
    if !id.part(1).is_empty() {
        start.push_str(&format!(" IN SCHEMA {}", quote_ident(id.part(1))));
    }
    let kind = id.part(2).to_uppercase();
    let to = grantee(id.part(3));
    let (gone, options, new) = changes(held, wanted);
    let mut made = Vec::new();
    for (rights, word) in [(gone, "REVOKE"), (options, "REVOKE GRANT OPTION FOR")] {
        if !rights.is_empty() {
            let rights = rights.join(", ");
            made.push(format!("{start} {word} {rights} ON {kind} FROM {to}"));
        }
    }
    let (with, without): (Vec<&String>, Vec<&String>) =
        new.iter().partition(|one| one.ends_with(OPTION));
    for (rights, end) in [(without, ""), (with, OPTION)] {
        if !rights.is_empty() {
            let rights: Vec<&str> = rights
                .iter()
                .map(|one| one.trim_end_matches(OPTION))
                .collect();
            made.push(format!(
                "{start} GRANT {} ON {kind} TO {to}{end}",
                rights.join(", ")
            ));
        }
    }
    made
}
