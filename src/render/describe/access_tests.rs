use super::super::words::shown;
use super::*;
use crate::render::samples::blocker;
use crate::schema::RelationKind;

fn name(name: &str) -> QualifiedName {
    QualifiedName::new("public", name)
}

/// Each error as the command that meets it says it.
#[test]
fn tables_and_rights() {
    let way = |why| StillOpen {
        role: "anon".to_owned(),
        relation: name("notes"),
        privileges: vec!["select".to_owned(), "update".to_owned()],
        why,
    };
    let role = || "role".to_owned();
    let errors = [
        (
            "rls close",
            AccessError::UnknownTable {
                text: "nots".to_owned(),
                nearest: Some(name("notes")),
                schemas: vec!["public".to_owned()],
            },
        ),
        (
            "rls close",
            AccessError::AmbiguousTable {
                text: "notes".to_owned(),
                found: vec![name("notes"), QualifiedName::new("Shop", "notes")],
            },
        ),
        (
            "revision",
            AccessError::NotATable {
                name: name("seen"),
                kind: RelationKind::View,
            },
        ),
        (
            "rls close",
            AccessError::NotOwner {
                user: "app".to_owned(),
                tables: vec![(name("notes"), "owner".to_owned())],
            },
        ),
        (
            "rls close",
            AccessError::StillOpen {
                ways: vec![
                    way(WhyOpen::Superuser),
                    way(WhyOpen::Owner),
                    way(WhyOpen::Unknown),
                ],
            },
        ),
        (
            "rls close",
            AccessError::StillOpen {
                ways: vec![
                    way(WhyOpen::Predefined("pg_read_all_data".to_owned())),
                    way(WhyOpen::Trusted(role())),
                    way(WhyOpen::GivenBy(role())),
                ],
            },
        ),
        (
            "rls open",
            AccessError::NotClosed {
                tables: vec![name("notes")],
            },
        ),
        (
            "rls close",
            AccessError::InTheWay {
                message: "canceling statement due to lock timeout".to_owned(),
                blocked_by: vec![blocker()],
            },
        ),
        (
            "rls close",
            AccessError::NotCommitted {
                reason: "the server went away".to_owned(),
            },
        ),
        (
            "rls close",
            AccessError::OutcomeUnknown {
                transaction: "801".to_owned(),
                reason: "the server went away".to_owned(),
            },
        ),
        (
            "revision",
            AccessError::TableNeedsRls {
                template: "plain".to_owned(),
            },
        ),
        (
            "revision",
            AccessError::NoApiRole {
                roles: vec!["anon".to_owned(), "authenticated".to_owned()],
            },
        ),
    ];
    let said = errors
        .iter()
        .map(|(command, error)| shown(&describe(error, command)));
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"));
}
