//! Partitions that come and go while the tables are in use.

use super::delta::Delta;
use super::online::{
    Manner, Part, SPARES_WAITING, Way, is_in_use, is_new, looking, part, table_in_use,
};
use super::partition::{index_of_whole, own_index};
use crate::diff::emit;
use crate::diff::order::is_not_valid;
use crate::schema::facts::{Fact, FactId, Kind, State};
use crate::sql::quote_ident;

/// A table becomes a partition once a check says that its rows belong there: nobody has to wait while they
/// are read.
pub(super) fn attach(delta: &Delta, id: &FactId, plain: &[String]) -> Option<Way> {
    let link = delta.to.get(id)?;
    let attach = plain.last()?;
    if !is_in_use(delta, id) || delta.from.has(id) {
        return None;
    }
    let bound = Bound::of(delta, link)?;
    let checks = delta.lent.get(id).into_iter().flatten();
    let checks: Vec<&Fact> = checks.collect();
    let mut added: Vec<String> = Vec::new();
    let mut validated: Vec<String> = Vec::new();
    for check in checks {
        let add = emit::create(delta.to, check, &[], None);
        if is_not_valid(check) {
            added.extend(add);
            continue;
        }
        added.extend(add.iter().map(|sql| format!("{sql} NOT VALID")));
        let name = quote_ident(check.id.last());
        let table = emit::relation(check);
        validated.push(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"));
    }
    let [mut first, mut second] = bound.made();
    first.sql.splice(..0, added);
    second.sql.splice(..0, validated);
    let mut way = Way::of(vec![
        first,
        second,
        part(Manner::Committed, [attach.clone(), bound.dropped()]),
    ]);
    way.spares = match default_partition(delta.from, link) {
        // Its rows are read, whether one belongs to the new one.
        Some(_) => &[],
        None => SPARES_WAITING,
    };
    Some(way)
}

/// Whether an index of a partitioned table that is in use comes, and is built partition by partition,
/// outside a transaction. All of it is in one revision, so that its way back is one statement.
pub(super) fn is_built_by_parts(delta: &Delta, whole: &FactId) -> bool {
    let table = table_in_use(delta, whole).filter(|_| is_new(delta, whole));
    let is_partitioned = table.is_some_and(|table| table.text("partition_by").is_some());
    is_partitioned
        && delta.to.of_kind(Kind::IndexAttachment).any(|one| {
            let mut own = own_index(&one.id).into_iter();
            index_of_whole(one).contains(whole)
                && own.any(|own| {
                    let is_part = is_new(delta, &own) && is_in_use(delta, &own);
                    is_part || is_built_by_parts(delta, &own)
                })
        })
}

/// The index of the whole that this one of a partition, or its attachment, is a part of, where that is
/// built by parts.
pub(super) fn whole_in_use(delta: &Delta, part: &FactId) -> Option<FactId> {
    let id = FactId::new(Kind::IndexAttachment, part.path().iter().cloned());
    let attachment = delta.to.get(&id)?;
    let mut wholes = index_of_whole(attachment).into_iter();
    wholes.find(|whole| is_built_by_parts(delta, whole))
}

/// A partition is taken from the whole without a wait for those who read that.
pub(super) fn detach(delta: &Delta, id: &FactId, plain: &[String]) -> Option<Way> {
    let link = delta.from.get(id)?;
    let (detach, rest) = plain.split_first()?;
    let whole = delta
        .to
        .relation(link.text("of_schema")?, link.text("of_table")?);
    let stays = whole.is_some_and(|whole| !delta.gone.contains(&whole));
    // PostgreSQL refuses it where there is a default partition.
    let has_default = default_partition(delta.from, link).is_some();
    if !is_in_use(delta, id) || delta.to.has(id) || !stays || has_default {
        return None;
    }
    let bound = Bound::of(delta, link)?;
    let made = bound.made().into_iter().flat_map(|part| part.sql);
    let detached = [format!("{detach} CONCURRENTLY")].into_iter();
    let end = rest.iter().cloned().chain([bound.dropped()]);
    // In one revision: what is half done is never what another one begins with.
    let all = made.chain(detached).chain(end);
    Some(Way::of(vec![looking(Manner::Outside, all)]))
}

/// The default partition of the table that this is a partition of.
pub(super) fn default_partition<'s>(state: &'s State, link: &Fact) -> Option<&'s FactId> {
    let whole = |link: &Fact| {
        let text = |key| link.text(key).map(str::to_owned);
        (text("of_schema"), text("of_table"))
    };
    let is_default =
        |one: &&Fact| one.text("bound") == Some("DEFAULT") && whole(one) == whole(link);
    let mut links = state.of_kind(Kind::Partition).filter(is_default);
    links.next().map(|one| &one.id)
}

/// A check that says of a table's rows what the bound of a partition does, for a while.
struct Bound {
    table: String,
    name: String,
    expression: String,
}

impl Bound {
    /// None where the bound says nothing that can be said in a check: of what has no bound of its own,
    /// and of hashes, which are told by the table's number.
    fn of(delta: &Delta, link: &Fact) -> Option<Self> {
        let expression = link.hint("constraint")?;
        let is_told = !expression.contains("satisfies_hash_partition(")
            && link.text("bound") != Some("DEFAULT");
        let (schema, table) = (link.id.part(0), link.id.part(1));
        is_told.then(|| Self {
            table: emit::qualified(schema, table),
            name: quote_ident(&delta.free_name(schema, table, "__bound")),
            expression: expression.to_owned(),
        })
    }

    /// It comes, and is made sure of.
    fn made(&self) -> [Part; 2] {
        let (table, name, expression) = (&self.table, &self.name, &self.expression);
        [
            part(
                Manner::Within,
                [format!(
                    "ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({expression}) NOT VALID"
                )],
            ),
            looking(
                Manner::Committed,
                [format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")],
            ),
        ]
    }

    fn dropped(&self) -> String {
        format!("ALTER TABLE {} DROP CONSTRAINT {}", self.table, self.name)
    }
}
