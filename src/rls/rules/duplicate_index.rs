use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::sql::{QualifiedName, quote_ident};

pub(super) const RULE: Rule = Rule {
    code: "duplicate_index",
    severity: Severity::Warning,
    category: Category::Performance,
    title: "two indexes do the same",
    reason: "each write keeps both, and no read needs the second",
    example: "create index a on notes (owner_id); create index b on notes (owner_id);",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for table in audit.relations() {
        for (at, index) in table.indexes.iter().enumerate() {
            let mut before = table.indexes[..at].iter();
            let Some(first) = before.find(|other| other.shape == index.shape) else {
                continue;
            };
            // What a constraint stands on stays.
            let (kept, other) = if index.constraint.is_some() && first.constraint.is_none() {
                (index, first)
            } else {
                (first, index)
            };
            let message = format!(
                "the index {} on {} does what {} does",
                other.name, table.name, kept.name
            );
            let name = QualifiedName::new(&table.name.schema, &other.name);
            let fix = match &other.constraint {
                None => format!("drop index {name};"),
                Some(constraint) => format!(
                    "alter table {} drop constraint {};",
                    table.name,
                    quote_ident(constraint)
                ),
            };
            findings.push(Finding::new(Object::index(table, other), message).fix(fix));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, index, table};

    #[test]
    fn fires_and_is_silent() {
        let mut bad = table("notes");
        bad.indexes = vec![
            index("a", &["id"]),
            index("b", &["id"]),
            index("c", &["body"]),
        ];
        assert_eq!(
            found(&RULE, &Sample::of([bad.clone()])),
            ["public.b: the index b on public.notes does what a does"]
        );
        bad.indexes[1].constraint = Some("b".to_owned());
        assert_eq!(
            found(&RULE, &Sample::of([bad.clone()])),
            ["public.a: the index a on public.notes does what b does"]
        );
        bad.indexes.remove(0);
        assert!(found(&RULE, &Sample::of([bad])).is_empty());
    }
}
