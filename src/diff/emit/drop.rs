//! Facts that go away, as statements.

use super::rights;
use super::statement::{grantee, phrase, relation, subject};
use super::table::qualified;
use crate::schema::facts::{Fact, Kind, State};
use crate::sql::quote_ident;

/// The statements that take a fact away, which nothing depends on any more. What is a part of it goes
/// along.
pub(in crate::diff) fn drop(state: &State, fact: &Fact) -> Vec<String> {
    let id = &fact.id;
    let name = id.name();
    let text = |key: &str| fact.text(key).unwrap_or_default();
    let last = quote_ident(id.last());
    let alter_table = |what: String| vec![format!("ALTER TABLE {} {what}", relation(fact))];
    match id.kind {
        Kind::UserMapping => vec![format!(
            "DROP USER MAPPING FOR {} SERVER {}",
            grantee(id.part(1)),
            quote_ident(id.part(0))
        )],
        Kind::Attribute => vec![format!(
            "ALTER TYPE {} DROP ATTRIBUTE {last}",
            qualified(id.part(0), id.part(1))
        )],
        Kind::DomainConstraint => vec![format!(
            "ALTER DOMAIN {} DROP CONSTRAINT {last}",
            qualified(id.part(0), id.part(1))
        )],
        Kind::Sequence => match fact.list("identity_of") {
            [schema, table, column] => vec![format!(
                "ALTER TABLE {} ALTER COLUMN {} DROP IDENTITY",
                qualified(schema, table),
                quote_ident(column)
            )],
            _ => vec![format!("DROP SEQUENCE {name}")],
        },
        Kind::SequenceOwner => vec![format!("ALTER SEQUENCE {name} OWNED BY NONE")],
        Kind::Column => match state.relation(id.part(0), id.part(1)) {
            Some(table) if matches!(table.kind, Kind::Table | Kind::ForeignTable) => {
                let (word, table) = (table.kind.sql(), table.name());
                vec![format!("ALTER {word} {table} DROP COLUMN {last}")]
            }
            _ => Vec::new(),
        },
        Kind::Inheritance => {
            alter_table(format!("NO INHERIT {}", qualified(id.part(2), id.part(3))))
        }
        Kind::Default => vec![format!(
            "ALTER TABLE ONLY {} ALTER COLUMN {last} DROP DEFAULT",
            relation(fact)
        )],
        Kind::Constraint | Kind::ForeignKey => alter_table(format!("DROP CONSTRAINT {last}")),
        Kind::Partition => vec![format!(
            "ALTER TABLE {} DETACH PARTITION {}",
            qualified(text("of_schema"), text("of_table")),
            relation(fact)
        )],
        // It goes with what it is a copy of, or with the partition.
        Kind::PartitionTrigger => Vec::new(),
        // It goes with one of its indexes, or with the partition.
        Kind::IndexAttachment => Vec::new(),
        Kind::Cluster => alter_table("SET WITHOUT CLUSTER".to_owned()),
        Kind::ReplicaIdentity => vec![format!(
            "ALTER TABLE ONLY {} REPLICA IDENTITY DEFAULT",
            relation(fact)
        )],
        Kind::RowSecurity => [("forced", "NO FORCE"), ("enabled", "DISABLE")]
            .into_iter()
            .filter(|(key, _)| fact.flag(key))
            .map(|(_, word)| format!("ALTER TABLE {} {word} ROW LEVEL SECURITY", relation(fact)))
            .collect(),
        Kind::PublicationTable => vec![format!(
            "ALTER PUBLICATION {} DROP TABLE ONLY {}",
            quote_ident(id.part(0)),
            qualified(id.part(1), id.part(2))
        )],
        Kind::PublicationSchema => vec![format!(
            "ALTER PUBLICATION {} DROP TABLES IN SCHEMA {}",
            quote_ident(id.part(0)),
            quote_ident(id.part(1))
        )],
        Kind::Owner | Kind::OwnerRights | Kind::Grant | Kind::DefaultPrivileges => {
            rights::drop(state, fact)
        }
        Kind::Comment => {
            let subject_of = id.subject();
            let is_public =
                subject_of.is_some_and(|id| id.kind == Kind::Schema && id.last() == "public");
            // What every new database says of it counts as none.
            let text = if is_public {
                "'standard public schema'"
            } else {
                "NULL"
            };
            vec![format!("COMMENT ON {} IS {text}", subject(state, id))]
        }
        Kind::Index => vec![format!("DROP INDEX {name}")],
        _ => vec![format!("DROP {}", phrase(fact))],
    }
}
