//! A column that comes with another value for every row, filled a few rows at a time.

use super::delta::Delta;
use super::hazard::{HazardKind, is_volatile};
use super::online::{Manner, Way, is_in_use, not_null, part};
use crate::diff::emit;
use crate::schema::facts::{Fact, FactId, Kind, Value};
use crate::sql::{quote_ident, quote_literal};

/// How many pages of a table are written in one transaction: at most 8 MiB as PostgreSQL is built.
const PAGES: u32 = 1024;

/// The column comes empty, with its default for new rows; those that are there get theirs while others
/// work, and at last it is not null, where it is to be. None where the plain way is as good, or where
/// the rows of somebody could be missed, or more would happen than that a column is filled.
pub(super) fn way(delta: &Delta, id: &FactId, with: &[FactId]) -> Option<Way> {
    let column = delta.to.get(id)?;
    let [default] = with else { return None };
    let default = delta
        .to
        .get(default)
        .filter(|one| one.id.kind == Kind::Default)?;
    let is_plain = column.text("identity").is_none() && column.text("generated").is_none();
    if !is_plain || !is_in_use(delta, id) || !is_volatile(delta.to, default) {
        return None;
    }
    if minds_updates(delta, &id.path()[..2]) {
        return None;
    }
    let mut bare = column.clone();
    let is_not_null = bare.payload.remove("not_null") == Some(Value::Flag(true));
    let mut first = emit::create(delta.to, &bare, &[], None);
    first.extend(emit::create(delta.to, default, &[], None));
    let mut parts = vec![
        part(Manner::Within, first),
        part(Manner::Outside, [filled(column)]),
    ];
    if is_not_null {
        parts.extend(not_null(delta, column, Vec::new()));
    }
    let mut way = Way::of(parts);
    way.spares = &[HazardKind::BlocksTable, HazardKind::RewritesTable];
    Some(way)
}

/// Whether something happens when rows of a table are written, or not all can be seen, or it shares its
/// columns with others.
pub(super) fn minds_updates(delta: &Delta, table: &[String]) -> bool {
    // A check that comes not valid holds for what is written, in rows that are against it, too.
    let is_checked = delta
        .to
        .under(Kind::Constraint, table)
        .any(|one| one.text("type") == Some("check") && delta.made.contains(&one.id))
        || delta.to.under(Kind::Column, table).any(|one| {
            let was_null = delta
                .from
                .get(&one.id)
                .is_some_and(|old| !old.flag("not_null"));
            was_null && one.flag("not_null")
        });
    is_checked
        || [delta.from, delta.to].into_iter().any(|state| {
            let fires = state.under(Kind::Trigger, table).any(|one| {
                one.text("definition")
                    .is_some_and(|text| text.contains(" UPDATE "))
            });
            let is_forced = state
                .under(Kind::RowSecurity, table)
                .any(|one| one.flag("forced"));
            let is_part = [Kind::Partition, Kind::Inheritance, Kind::Rule]
                .into_iter()
                .any(|kind| state.under(kind, table).next().is_some());
            let is_parent = state
                .of_kind(Kind::Inheritance)
                .any(|one| one.id.path()[2..] == *table);
            fires || is_forced || is_part || is_parent
        })
}

/// Fills the column in all rows that are there, as many times as it takes until none is left: what others
/// write meanwhile has moved.
fn filled(column: &Fact) -> String {
    let table = emit::relation(column);
    let (name, literal) = (quote_ident(column.id.last()), quote_literal(&table));
    format!(
        "DO $fill$
DECLARE
    page bigint;
    filled bigint;
    filled_now bigint;
BEGIN
    LOOP
        page := 0;
        filled := 0;
        WHILE page * pg_catalog.current_setting('block_size')::bigint
              < pg_catalog.pg_relation_size({literal}::pg_catalog.regclass) LOOP
            UPDATE ONLY {table} SET {name} = DEFAULT
             WHERE {name} IS NULL
               AND ctid >= pg_catalog.format('(%s,0)', page)::pg_catalog.tid
               AND ctid < pg_catalog.format('(%s,0)', page + {PAGES})::pg_catalog.tid;
            GET DIAGNOSTICS filled_now = ROW_COUNT;
            filled := filled + filled_now;
            page := page + {PAGES};
            COMMIT;
        END LOOP;
        EXIT WHEN filled = 0;
    END LOOP;
END
$fill$"
    )
}
