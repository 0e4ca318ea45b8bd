//! `pg_depend` becomes edges between facts.

use std::collections::HashMap;

use super::found::{Found, Place};
use crate::db::{self, DbError};
use crate::schema::facts::{FactId, Kind};

/// What depends on what, by number. What depends on a pinned object is not there.
pub(super) const DEPENDENCIES: &str = "
    select classid::int8, objid::int8, objsubid, refclassid::int8, refobjid::int8, refobjsubid,
           deptype::text,
           classid in ('pg_amop'::regclass, 'pg_amproc'::regclass)
      from pg_depend
     where deptype in ('n', 'a', 'i', 'e') and objid >= 16384";

struct Row {
    from: Place,
    to: Place,
}

/// Takes the rows of [`DEPENDENCIES`].
pub(super) fn take(found: &mut Found, read: &[db::Row]) -> Result<(), DbError> {
    let mut rows = Vec::with_capacity(read.len());
    // What a thing without a fact of its own is a part of: the row type of a table, a constraint's
    // index, a view's rule, a member of an extension.
    let mut parts: HashMap<(i64, i64), Place> = HashMap::new();
    for row in read {
        let from: Place = (row.get(0)?, row.get(1)?, row.get(2)?);
        let to: Place = (row.get(3)?, row.get(4)?, row.get(5)?);
        let kind: &str = row.get(6)?;
        let member_of_family: bool = row.get(7)?;
        if matches!(kind, "i" | "e") || kind == "a" && member_of_family {
            // A member of an extension is a part of that, and of nothing else.
            if kind == "e" {
                parts.insert((from.0, from.1), to);
            } else {
                parts.entry((from.0, from.1)).or_insert(to);
            }
        }
        rows.push(Row { from, to });
    }
    let translate = |place: Place| -> Option<FactId> {
        let mut place = place;
        // Parts of parts; never deep, and never for ever.
        for _ in 0..8 {
            let whole = (place.0, place.1, 0);
            if let Some(id) = found.exactly(place).or_else(|| found.exactly(whole)) {
                return Some(id.clone());
            }
            place = *parts.get(&(place.0, place.1))?;
        }
        None
    };
    let edges: Vec<(FactId, FactId)> = rows
        .iter()
        .filter_map(|row| Some((translate(row.from)?, translate(row.to)?)))
        .collect();
    for (from, to) in edges {
        // That a sequence belongs to a column is a fact of its own: the column's default needs the
        // sequence first.
        let belongs = from.kind == Kind::Sequence && to.kind == Kind::Column;
        if !belongs {
            found.state.connect(from, to);
        }
    }
    for (from, to) in implied(found) {
        found.state.connect(from, to);
    }
    Ok(())
}

/// What `pg_depend` does not tell of facts that are no objects of the catalog.
fn implied(found: &Found) -> Vec<(FactId, FactId)> {
    let state = &found.state;
    let mut edges = Vec::new();
    let index = |schema: &str, table: &str, name: &str| {
        [Kind::Constraint, Kind::Index]
            .into_iter()
            .map(|kind| FactId::new(kind, [schema, table, name]))
            .find(|id| state.has(id))
    };
    for fact in state.facts().values() {
        let id = &fact.id;
        let mut on = |other: Option<FactId>| {
            edges.extend(
                other
                    .filter(|other| state.has(other))
                    .map(|other| (id.clone(), other)),
            );
        };
        match id.kind {
            Kind::Partition => {
                let (schema, table) = (fact.text("of_schema"), fact.text("of_table"));
                on(state.relation(schema.unwrap_or_default(), table.unwrap_or_default()));
            }
            Kind::Inheritance => on(state.relation(id.part(2), id.part(3))),
            Kind::ReplicaIdentity | Kind::Cluster => {
                let name = fact.text("index").unwrap_or_default();
                on(index(id.part(0), id.part(1), name));
            }
            Kind::IndexAttachment => {
                let text = |name| fact.text(name).unwrap_or_default();
                on(index(id.part(0), id.part(1), id.part(2)));
                on(index(text("of_schema"), text("of_table"), text("of_index")));
                on(Some(FactId::new(Kind::Partition, [id.part(0), id.part(1)])));
            }
            Kind::PartitionTrigger => {
                let text = |name| fact.text(name).unwrap_or_default();
                let path = [text("of_schema"), text("of_table"), text("of_trigger")];
                on(Some(FactId::new(Kind::Trigger, path)));
                let mut link = Some(FactId::new(Kind::Partition, [id.part(0), id.part(1)]));
                while let Some(fact) = link.and_then(|id| state.get(&id)) {
                    on(Some(fact.id.clone()));
                    let text = |name| fact.text(name).unwrap_or_default();
                    let above = [text("of_schema"), text("of_table")];
                    link = Some(FactId::new(Kind::Partition, above));
                }
            }
            Kind::SequenceOwner => {
                let text = |name| fact.text(name).unwrap_or_default();
                let path = [text("schema"), text("table"), text("column")];
                on(Some(FactId::new(Kind::Column, path)));
            }
            Kind::DefaultPrivileges => on(Some(FactId::new(Kind::Schema, [id.part(1)]))),
            Kind::PublicationSchema => on(Some(FactId::new(Kind::Schema, [id.part(1)]))),
            _ => {}
        }
    }
    edges
}
