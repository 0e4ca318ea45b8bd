//! What a random schema is made of. Parts refer to others by number; what refers to a part that is
//! not there is left out or written otherwise, so that any parts make a valid schema.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::{Strategy, any};
use proptest::strategy::Just;
use proptest::{option, prop_oneof};

/// Parts of a kind, by the number in their name.
pub(super) type Parts<T> = BTreeMap<u8, T>;

/// A schema.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(super) enums: Parts<Enum>,
    pub(super) domains: Parts<Domain>,
    pub(super) functions: Parts<Function>,
    pub(super) tables: Parts<Table>,
    /// By table and number.
    pub(super) columns: BTreeMap<(u8, u8), Column>,
    pub(super) references: Parts<Reference>,
    pub(super) constraints: Parts<Constraint>,
    pub(super) indexes: Parts<Index>,
    pub(super) views: Parts<View>,
    pub(super) triggers: Parts<Trigger>,
    pub(super) policies: Parts<Policy>,
    pub(super) grants: Parts<Grant>,
}

/// Which labels of some it has, and whether the other way round.
#[derive(Debug, Clone)]
pub(super) struct Enum {
    pub(super) labels: Vec<bool>,
    pub(super) reversed: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Domain {
    pub(super) is_text: bool,
    pub(super) default: bool,
    pub(super) check: Option<u8>,
}

#[derive(Debug, Clone)]
pub(super) struct Function {
    pub(super) arguments: u8,
    pub(super) body: u8,
    pub(super) plpgsql: bool,
    pub(super) immutable: bool,
    pub(super) definer: bool,
    pub(super) closed: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Numbering {
    None,
    Serial,
    Always,
    ByDefault,
}

#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) numbering: Numbering,
    pub(super) security: u8,
    pub(super) comment: Option<u8>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Type {
    Integer,
    Text,
    Varchar(u8),
    Numeric(u8),
    Boolean,
    Time,
    Json,
    Integers,
    Enum(u8),
    Enums(u8),
    Domain(u8),
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) data_type: Type,
    pub(super) not_null: bool,
    pub(super) default: Option<u8>,
    /// From the table's number, where it is an integer.
    pub(super) generated: Option<u8>,
    pub(super) comment: bool,
}

/// A column of the referring table, with its foreign key.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) from: u8,
    pub(super) to: u8,
    pub(super) on_delete: u8,
    pub(super) deferrable: bool,
    pub(super) not_null: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Constraint {
    pub(super) table: u8,
    pub(super) column: u8,
    /// Over two columns, or as a check of a number, by a function where there is one.
    pub(super) check: Option<u8>,
}

#[derive(Debug, Clone)]
pub(super) struct Index {
    pub(super) table: u8,
    pub(super) column: u8,
    pub(super) descending: bool,
    pub(super) partial: Option<u8>,
    pub(super) function: Option<u8>,
}

#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) of: u8,
    /// Of an earlier view rather than a table.
    pub(super) of_view: bool,
    pub(super) column: u8,
    pub(super) materialized: bool,
    pub(super) invoker: bool,
    pub(super) above: Option<u8>,
}

#[derive(Debug, Clone)]
pub(super) struct Trigger {
    pub(super) table: u8,
    pub(super) after: bool,
    pub(super) events: u8,
    pub(super) when: bool,
    pub(super) disabled: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Policy {
    pub(super) table: u8,
    pub(super) command: u8,
    pub(super) role: u8,
    pub(super) function: u8,
    pub(super) other: u8,
    pub(super) number: u8,
}

#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) on: u8,
    pub(super) on_view: bool,
    pub(super) column: bool,
    pub(super) role: u8,
    pub(super) rights: u8,
    pub(super) option: bool,
}

/// What becomes of parts: another, or none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Patch {
    changed: Model,
    /// Which are dropped, by kind.
    dropped: Vec<(u8, u8, u8)>,
}

const TABLES: u8 = 4;
const COLUMNS: u8 = 5;

fn enums() -> impl Strategy<Value = Enum> {
    (vec(any::<bool>(), 5), any::<bool>()).prop_map(|(labels, reversed)| Enum { labels, reversed })
}

fn domains() -> impl Strategy<Value = Domain> {
    (any::<bool>(), any::<bool>(), option::of(0..3u8)).prop_map(|(is_text, default, check)| {
        Domain {
            is_text,
            default,
            check,
        }
    })
}

fn functions() -> impl Strategy<Value = Function> {
    (0..3u8, 0..4u8, any::<[bool; 4]>()).prop_map(|(arguments, body, flags)| Function {
        arguments,
        body,
        plpgsql: flags[0],
        immutable: flags[1],
        definer: flags[2],
        closed: flags[3],
    })
}

fn tables() -> impl Strategy<Value = Table> {
    let numbering = prop_oneof![
        Just(Numbering::None),
        Just(Numbering::Serial),
        Just(Numbering::Always),
        Just(Numbering::ByDefault),
    ];
    (numbering, 0..3u8, option::of(0..3u8)).prop_map(|(numbering, security, comment)| Table {
        numbering,
        security,
        comment,
    })
}

fn columns() -> impl Strategy<Value = Column> {
    let data_type = prop_oneof![
        3 => Just(Type::Integer),
        2 => Just(Type::Text),
        1 => (1..4u8).prop_map(Type::Varchar),
        1 => (1..4u8).prop_map(Type::Numeric),
        1 => Just(Type::Boolean),
        1 => Just(Type::Time),
        1 => Just(Type::Json),
        1 => Just(Type::Integers),
        2 => (0..2u8).prop_map(Type::Enum),
        1 => (0..2u8).prop_map(Type::Enums),
        2 => (0..2u8).prop_map(Type::Domain),
    ];
    let generated = option::weighted(0.2, 0..3u8);
    let default = option::of(0..4u8);
    (data_type, any::<[bool; 2]>(), default, generated).prop_map(
        |(data_type, flags, default, generated)| Column {
            data_type,
            not_null: flags[0],
            default,
            generated,
            comment: flags[1],
        },
    )
}

fn references() -> impl Strategy<Value = Reference> {
    (0..TABLES, 0..TABLES, 0..4u8, any::<[bool; 2]>()).prop_map(|(from, to, on_delete, flags)| {
        Reference {
            from,
            to,
            on_delete,
            deferrable: flags[0],
            not_null: flags[1],
        }
    })
}

fn constraints() -> impl Strategy<Value = Constraint> {
    (0..TABLES, 0..COLUMNS, option::of(0..4u8)).prop_map(|(table, column, check)| Constraint {
        table,
        column,
        check,
    })
}

fn indexes() -> impl Strategy<Value = Index> {
    let place = (0..TABLES, 0..COLUMNS);
    let rest = (any::<bool>(), option::of(0..3u8), option::of(0..3u8));
    (place, rest).prop_map(|((table, column), (descending, partial, function))| Index {
        table,
        column,
        descending,
        partial,
        function,
    })
}

fn views() -> impl Strategy<Value = View> {
    let flags = any::<[bool; 3]>();
    (0..TABLES, 0..COLUMNS, flags, option::of(0..3u8)).prop_map(|(of, column, flags, above)| View {
        of,
        of_view: flags[0],
        column,
        materialized: flags[1],
        invoker: flags[2],
        above,
    })
}

fn triggers() -> impl Strategy<Value = Trigger> {
    (0..TABLES, 1..8u8, any::<[bool; 3]>()).prop_map(|(table, events, flags)| Trigger {
        table,
        after: flags[0],
        events,
        when: flags[1],
        disabled: flags[2],
    })
}

fn policies() -> impl Strategy<Value = Policy> {
    let places = (0..TABLES, 0..4u8, 0..6u8);
    (places, 0..5u8, 0..3u8, 0..4u8).prop_map(
        |((table, function, other), command, role, number)| Policy {
            table,
            command,
            role,
            function,
            other,
            number,
        },
    )
}

fn grants() -> impl Strategy<Value = Grant> {
    (0..TABLES, 0..3u8, 1..4u8, any::<[bool; 3]>()).prop_map(|(on, role, rights, flags)| Grant {
        on,
        on_view: flags[0],
        column: flags[1],
        role,
        rights,
        option: flags[2],
    })
}

/// Parts of every kind: all of them, or a share.
fn parts(share: usize) -> impl Strategy<Value = Model> {
    let most = move |count: usize| 0..=(count / share).max(1);
    let types = (
        btree_map(0..2u8, enums(), most(2)),
        btree_map(0..2u8, domains(), most(2)),
        btree_map(0..3u8, functions(), most(3)),
    );
    let relations = (
        btree_map(0..TABLES, tables(), most(4)),
        btree_map((0..TABLES, 0..COLUMNS), columns(), most(18)),
        btree_map(0..4u8, references(), most(4)),
    );
    let keys = (
        btree_map(0..5u8, constraints(), most(5)),
        btree_map(0..5u8, indexes(), most(5)),
        btree_map(0..4u8, views(), most(4)),
    );
    let rights = (
        btree_map(0..3u8, triggers(), most(3)),
        btree_map(0..4u8, policies(), most(4)),
        btree_map(0..5u8, grants(), most(5)),
    );
    (types, relations, keys, rights).prop_map(|(types, relations, keys, rights)| Model {
        enums: types.0,
        domains: types.1,
        functions: types.2,
        tables: relations.0,
        columns: relations.1,
        references: relations.2,
        constraints: keys.0,
        indexes: keys.1,
        views: keys.2,
        triggers: rights.0,
        policies: rights.1,
        grants: rights.2,
    })
}

pub(super) fn model() -> impl Strategy<Value = Model> {
    (parts(1), tables()).prop_map(|(mut model, table)| {
        // Without one there is nothing to look at.
        model.tables.entry(0).or_insert(table);
        model
    })
}

/// A quarter of another schema, and a few parts that are dropped. A table is always added.
pub(super) fn patch() -> impl Strategy<Value = Patch> {
    let dropped = vec((0..12u8, 0..5u8, 0..COLUMNS), 0..4);
    (parts(4), dropped, tables()).prop_map(|(mut changed, dropped, table)| {
        changed.tables.insert(TABLES, table);
        Patch { changed, dropped }
    })
}

impl Model {
    /// This schema with parts changed, added and dropped.
    pub(super) fn with(&self, patch: &Patch) -> Self {
        let mut model = self.clone();
        let changed = patch.changed.clone();
        model.enums.extend(changed.enums);
        model.domains.extend(changed.domains);
        model.functions.extend(changed.functions);
        model.tables.extend(changed.tables);
        model.columns.extend(changed.columns);
        model.references.extend(changed.references);
        model.constraints.extend(changed.constraints);
        model.indexes.extend(changed.indexes);
        model.views.extend(changed.views);
        model.triggers.extend(changed.triggers);
        model.policies.extend(changed.policies);
        model.grants.extend(changed.grants);
        for &(kind, number, column) in &patch.dropped {
            match kind {
                0 => drop(model.enums.remove(&number)),
                1 => drop(model.domains.remove(&number)),
                2 => drop(model.functions.remove(&number)),
                3 => drop(model.tables.remove(&number)),
                4 => drop(model.references.remove(&number)),
                5 => drop(model.constraints.remove(&number)),
                6 => drop(model.indexes.remove(&number)),
                7 => drop(model.views.remove(&number)),
                8 => drop(model.triggers.remove(&number)),
                9 => drop(model.policies.remove(&number)),
                10 => drop(model.grants.remove(&number)),
                _ => drop(model.columns.remove(&(number, column))),
            }
        }
        model
    }
}
