use std::collections::BTreeSet;

use serde::Serialize;

use super::composite;
use super::defaults;
use super::delta::Delta;
use super::guard::{Guard, guard};
use super::hazard::{Hazard, HazardKind, hazards};
use super::node::Node;
use super::online::{self, Way};
use super::order::{Step, order};
use super::row_type::{self, NoWay};
use super::sequence;
use crate::diff::alter;
use crate::diff::create::object_of;
use crate::diff::emit;
use crate::schema::facts::{Fact, FactId, Kind, State};
use crate::sql::quote_ident;

/// What an action does to its fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionKind {
    /// It goes.
    Drop,
    /// It gets another name until it goes.
    Rename,
    /// It is changed where it is.
    Alter,
    /// It comes.
    Create,
}

/// One thing to do on the way from one state to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Action {
    /// What is done.
    pub action: ActionKind,
    /// To which fact.
    pub fact: FactId,
    /// The facts that come or go in the same statements.
    pub with: Vec<FactId>,
    /// The object that the fact belongs to at last.
    pub object: FactId,
    /// The statements, without semicolons.
    pub sql: Vec<String>,
    /// What is to be known before they are run.
    pub hazards: Vec<Hazard>,
    /// The places of the actions that have to be done first.
    #[serde(skip)]
    pub(super) after: BTreeSet<usize>,
    /// What it takes from a table, or gives it, that guards that.
    #[serde(skip)]
    pub(super) guard: Option<Guard>,
    /// The way that spares those who use the table.
    #[serde(skip)]
    pub(super) online: Option<Way>,
}

impl Action {
    /// A new label of an enum cannot be used before it is committed.
    pub(super) fn adds_label(&self) -> bool {
        self.action == ActionKind::Alter && self.fact.kind == Kind::Enum
    }

    /// Whether rows, or values of rows, go.
    #[must_use]
    pub fn deletes_data(&self) -> bool {
        let mut hazards = self.hazards.iter();
        hazards.any(|one| one.hazard == HazardKind::DeletesData)
    }
}

/// What makes the second state of the first, in an order in which it can be done. The session has
/// `check_function_bodies` off.
///
/// # Errors
/// [`NoWay`]: a circle, which would be a mistake of ours, and what PostgreSQL refuses.
pub fn migrate(from: &State, to: &State) -> Result<Vec<Action>, NoWay> {
    let delta = Delta::of(from, to);
    let steps = order(&delta)?;
    row_type::look(&delta, &steps)?;
    let actions: Vec<Action> = steps.iter().map(|step| action(&delta, step)).collect();
    Ok(without_empty(actions))
}

/// Leaves out actions that have nothing to do; what waits for one waits for what that waits for.
fn without_empty(actions: Vec<Action>) -> Vec<Action> {
    let mut kept: Vec<Action> = Vec::with_capacity(actions.len());
    // Where each is now, or what stands for it.
    let mut places: Vec<BTreeSet<usize>> = Vec::with_capacity(actions.len());
    for mut action in actions {
        let after = std::mem::take(&mut action.after);
        action.after = after
            .iter()
            .flat_map(|&at| places[at].iter().copied())
            .collect();
        if action.sql.is_empty() {
            places.push(action.after);
        } else {
            places.push(BTreeSet::from([kept.len()]));
            kept.push(action);
        }
    }
    kept
}

fn action(delta: &Delta, step: &Step) -> Action {
    let id = step.node.id();
    let (state, kind, sql) = match &step.node {
        Node::Drop(_) => (delta.from, ActionKind::Drop, drop(delta, id)),
        Node::Aside(_) => (delta.from, ActionKind::Rename, rename(delta, id)),
        Node::Alter(_) => (delta.to, ActionKind::Alter, alter(delta, id)),
        Node::Create(_) => (delta.to, ActionKind::Create, create(delta, id, &step.with)),
    };
    let object = state.get(id).map_or(id, |fact| object_of(state, fact));
    let sql = cascaded(delta, id, sql);
    Action {
        action: kind,
        fact: id.clone(),
        with: step.with.clone(),
        object: object.clone(),
        hazards: hazards(delta, &step.node, &step.with),
        after: step.after.clone(),
        guard: guard(delta, &step.node),
        online: online::way(delta, &step.node, &step.with, &sql),
        sql,
    }
}

/// What changes a type changes the tables of that type.
fn cascaded(delta: &Delta, id: &FactId, sql: Vec<String>) -> Vec<String> {
    if id.kind != Kind::Attribute {
        return sql;
    }
    let composite = FactId::new(Kind::Composite, [id.part(0), id.part(1)]);
    let name = composite.name();
    let has_tables = delta.dependants_of(&composite).into_iter().any(|id| {
        let table = delta.from.get(id).filter(|one| one.id.kind == Kind::Table);
        table.and_then(|one| one.text("of_type")) == Some(&name) && !delta.gone.contains(id)
    });
    if !has_tables {
        return sql;
    }
    sql.into_iter()
        .map(|sql| format!("{sql} CASCADE"))
        .collect()
}

fn drop(delta: &Delta, id: &FactId) -> Vec<String> {
    let Some(fact) = delta.from.get(id) else {
        return Vec::new();
    };
    if delta.aside.contains(id) {
        let mut made = composite::drop_cast(delta, id);
        made.push(format!("DROP {} {}", id.kind.sql(), aside_name(delta, id)));
        return made;
    }
    if delta.goes_on.values().any(|old| old == id) {
        return vec![sequence::make_room(delta, id)];
    }
    if id.kind == Kind::PartitionTrigger {
        return delta.as_the_whole(fact);
    }
    let mut made = emit::drop(delta.from, fact);
    for constraint in delta.kept.get(id).into_iter().flatten() {
        made.push(format!(
            "ALTER TABLE {} DROP CONSTRAINT {}",
            emit::qualified(constraint.part(0), constraint.part(1)),
            quote_ident(constraint.last())
        ));
    }
    made
}

/// The name of a type that was put aside.
pub(super) fn aside_name(delta: &Delta, id: &FactId) -> String {
    emit::qualified(id.part(0), &delta.free_name(id.part(0), id.last(), "__old"))
}

fn rename(delta: &Delta, id: &FactId) -> Vec<String> {
    let word = id.kind.sql();
    let free = delta.free_name(id.part(0), id.last(), "__old");
    let mut made = vec![format!(
        "ALTER {word} {} RENAME TO {}",
        id.name(),
        quote_ident(&free)
    )];
    let Some(range) = delta.from.get(id).filter(|one| one.id.kind == Kind::Range) else {
        return made;
    };
    // A range's multirange has a name of its own, and so have what makes values of both.
    let schema = quote_ident(id.part(0));
    let subtype = range.text("subtype").unwrap_or_default();
    let mut constructors = vec![
        (id.name(), format!("{subtype}, {subtype}"), free.clone()),
        (
            id.name(),
            format!("{subtype}, {subtype}, text"),
            free.clone(),
        ),
    ];
    if let Some(multirange) = range.text("multirange") {
        let name = delta.free_name(id.part(0), id.last(), "__old_multirange");
        made.push(format!(
            "ALTER TYPE {multirange} RENAME TO {}",
            quote_ident(&name)
        ));
        let range = format!("{schema}.{}", quote_ident(&free));
        for taken in [String::new(), range.clone(), format!("VARIADIC {range}[]")] {
            constructors.push((multirange.to_owned(), taken, name.clone()));
        }
    }
    made.extend(constructors.into_iter().map(|(name, taken, free)| {
        let free = quote_ident(&free);
        format!("ALTER FUNCTION {name}({taken}) RENAME TO {free}")
    }));
    made
}

fn alter(delta: &Delta, id: &FactId) -> Vec<String> {
    let mut made = Vec::new();
    let both = delta.from.get(id).zip(delta.to.get(id));
    if let Some((_, link)) = both.filter(|_| id.kind == Kind::Partition) {
        return delta.rebind(link);
    }
    let mut altered = delta.altered.get(id).cloned().unwrap_or_default();
    if let Some((old, new)) = both
        && delta.retyped.contains(id)
        && old.payload.get("type") == new.payload.get("type")
        && let Some(table) = &new.parent
    {
        made.extend(take_new_type(delta, table, old, new));
        let stored = alter::stored_anew(table, new);
        altered.retain(|sql| !stored.contains(sql));
        made.extend(stored);
    }
    made.extend(altered);
    if let Some((_, new)) = both
        && id.kind == Kind::Column
        && (delta.goes_along(new) || goes_with_type(delta, new))
    {
        made.retain(|sql| sql.contains(" TABLE ONLY "));
    }
    made
}

/// Whether a column of a typed table is changed by what changes the type.
fn goes_with_type(delta: &Delta, column: &Fact) -> bool {
    let attribute = delta.typed_attribute(delta.to, column);
    attribute.is_some_and(|attribute| delta.altered.contains_key(&attribute))
}

/// A column whose type has kept its name and is another one now.
fn take_new_type(delta: &Delta, table: &FactId, old: &Fact, new: &Fact) -> Vec<String> {
    let mut made = alter::retype([delta.from, delta.to], old, new);
    let is_collation = delta.aside.iter().any(|id| {
        id.kind == Kind::Collation && delta.to.edges().contains(&(new.id.clone(), id.clone()))
    });
    if table.kind == Kind::Table && !is_collation {
        let name = quote_ident(new.id.last());
        for sql in &mut made {
            if !sql.contains(" USING ") {
                let value = composite::value(delta, new, &name);
                sql.push_str(&format!(" USING {value}"));
            }
        }
    }
    made
}

fn create(delta: &Delta, id: &FactId, with: &[FactId]) -> Vec<String> {
    let to = delta.to;
    let Some(fact) = to.get(id) else {
        return Vec::new();
    };
    if let Some(column) = sequence::identity_column(delta, fact) {
        return sequence::identity(delta, fact, &column);
    }
    let members: Vec<&Fact> = with.iter().filter_map(|id| to.get(id)).collect();
    let there = defaults::granted(delta, fact);
    let lent = delta.lent.get(id).into_iter().flatten();
    let mut made: Vec<String> = lent
        .flat_map(|check| emit::create(to, check, &[], None))
        .collect();
    match row_type::filled(delta, fact, with) {
        Some(filled) => made.extend(filled),
        None => made.extend(emit::create(to, fact, &members, there.as_ref())),
    }
    if id.kind == Kind::SequenceOwner {
        made.extend(sequence::follow_column(delta, fact));
    }
    if id.kind == Kind::Sequence {
        made.extend(sequence::instead_of_identity(delta, fact));
    }
    if id.kind == Kind::Schema && id.last() == "public" && to.server_version_num >= 140_000 {
        // As every new database has it.
        made.push("ALTER SCHEMA public OWNER TO pg_database_owner".to_owned());
        made.push("COMMENT ON SCHEMA public IS 'standard public schema'".to_owned());
    }
    made.extend(defaults::revoked(delta, fact));
    made.extend(composite::create_cast(delta, id));
    made
}
