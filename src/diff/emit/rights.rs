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
                None if id.last() == "public" => usual(object.kind),
                None => Vec::new(),
            };
            let held = fact.list("privileges");
            let to = grantee(id.last());
            let gone: Vec<String> = usual
                .iter()
                .filter(|one| !held.contains(one))
                .cloned()
                .collect();
            let new: Vec<String> = held
                .iter()
                .filter(|one| !usual.contains(one))
                .cloned()
                .collect();
            let mut made = Vec::new();
            if !gone.is_empty() {
                made.push(format!(
                    "REVOKE {} ON {} FROM {to}",
                    gone.join(", "),
                    target(&object)
                ));
            }
            made.extend(grants(&object, &new, &to));
            made
        }
    }
}

/// What takes the rights that a fact tells of.
pub(in crate::diff) fn revoke_all(fact: &Fact) -> String {
    let object = fact.id.subject().unwrap_or_else(|| fact.id.clone());
    let from = grantee(fact.id.last());
    format!("REVOKE ALL ON {} FROM {from}", target(&object))
}

/// What everybody may do with a new object of this kind.
fn usual(kind: Kind) -> Vec<String> {
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
    let id = &fact.id;
    let mut start = "ALTER DEFAULT PRIVILEGES".to_owned();
    if !id.part(0).is_empty() {
        start.push_str(&format!(" FOR ROLE {}", quote_ident(id.part(0))));
    }
    if !id.part(1).is_empty() {
        start.push_str(&format!(" IN SCHEMA {}", quote_ident(id.part(1))));
    }
    let kind = id.part(2).to_uppercase();
    let to = grantee(id.part(3));
    let usual = match (id.part(1), id.part(2), id.part(3)) {
        ("", "functions", "public") => usual(Kind::Function),
        ("", "types", "public") => usual(Kind::Enum),
        _ => Vec::new(),
    };
    let held = fact.list("privileges");
    let gone: Vec<String> = usual
        .iter()
        .filter(|one| !held.contains(one))
        .cloned()
        .collect();
    let mut made = Vec::new();
    if !gone.is_empty() {
        made.push(format!(
            "{start} REVOKE {} ON {kind} FROM {to}",
            gone.join(", ")
        ));
    }
    let new = held.iter().filter(|one| !usual.contains(one));
    let (with, without): (Vec<&String>, Vec<&String>) = new.partition(|one| one.ends_with(OPTION));
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
