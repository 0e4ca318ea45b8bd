use super::migrator_tests::{failure, said, text};
use crate::migrator::report::RlsFinding;
use crate::migrator::{Fate, GateRefusal, MatrixError, StepCause};
use crate::rls::matrix::{Cell, Difference, Reach};
use crate::rls::{Object, RULES};
use crate::schema::Privilege;
use crate::sql::QualifiedName;

fn refusal() -> GateRefusal {
    let rule = RULES
        .iter()
        .find(|rule| rule.code == "rls_disabled_in_public");
    let rule = rule.expect("it is a rule");
    GateRefusal {
        findings: vec![RlsFinding {
            rule: rule.code,
            severity: rule.severity,
            category: rule.category,
            object: Object::Relation(QualifiedName::new("public", "open")),
            message: text("public.open is open"),
            reason: rule.reason,
            fix: Some(text("alter table public.open enable row level security;")),
            revision: None,
            place: None,
        }],
        differences: Vec::new(),
    }
}

/// A policy that was widened, and what comes of it.
fn widened() -> GateRefusal {
    let table = QualifiedName::new("public", "notes");
    let policy = |using| {
        format!("create policy own on public.notes for select to api\n    using ({using});")
    };
    GateRefusal {
        findings: Vec::new(),
        differences: vec![
            Difference::Pinned {
                table: table.clone(),
                expected: Some(policy("owner = me()")),
                found: Some(policy("true")),
            },
            Difference::Cell {
                table,
                actor: text("stranger"),
                command: Privilege::Select,
                expected: Cell::of(Reach::None),
                found: Cell::of(Reach::All),
            },
        ],
    }
}

#[test]
fn what_does_not_pass() {
    let causes = vec![
        failure(StepCause::Gate(Box::new(refusal())), Fate::RolledBack, 0),
        failure(StepCause::Gate(Box::new(refusal())), Fate::Recorded, 1),
        failure(StepCause::Gate(Box::new(widened())), Fate::RolledBack, 0),
        failure(
            StepCause::GateBroken(Box::new(MatrixError::BoundByPolicies {
                tables: vec![text("public.notes")],
            })),
            Fate::RolledBack,
            0,
        ),
    ];
    let causes = causes.into_iter().map(|error| ("upgrade", error));
    insta::assert_snapshot!(said(causes));
}
