use std::collections::BTreeSet;

use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{ForeignKey, Relation};
use crate::sql::quote_ident;

pub(super) const RULE: Rule = Rule {
    code: "unindexed_foreign_keys",
    severity: Severity::Note,
    category: Category::Performance,
    title: "a foreign key has no index",
    reason: "a DELETE or a change of the key in the other table looks for the rows that point at \
             it, and reads this whole table to find them",
    example: "create table notes (session_id int references sessions);    -- and no index",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .tables()
        .flat_map(|table| table.foreign_keys.iter().map(move |key| (table, key)))
        .filter(|(table, key)| !is_indexed(table, key))
        .map(|(table, key)| {
            let message = format!(
                "the foreign key {} of {} to {} has no index",
                key.name, table.name, key.target
            );
            let columns: Vec<String> = key.columns.iter().map(|name| quote_ident(name)).collect();
            let fix = format!("create index on {} ({});", table.name, columns.join(", "));
            Finding::new(Object::relation(table), message).fix(fix)
        })
        .collect()
}

/// Whether an index begins with the key's columns, in whatever order.
pub(in crate::rls) fn is_indexed(table: &Relation, key: &ForeignKey) -> bool {
    let wanted: BTreeSet<Option<&String>> = key.columns.iter().map(Some).collect();
    table.indexes.iter().any(|index| {
        let begin = index.keys.iter().take(wanted.len());
        let begin: BTreeSet<Option<&String>> = begin.map(Option::as_ref).collect();
        index.valid && !index.partial && begin == wanted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, index, table};
    use crate::sql::QualifiedName;

    #[test]
    fn fires_and_is_silent() {
        let mut bad = table("notes");
        bad.foreign_keys.push(ForeignKey {
            name: "fk".to_owned(),
            columns: vec!["a".to_owned(), "b".to_owned()],
            target: QualifiedName::new("public", "sessions"),
            target_columns: vec!["a".to_owned(), "b".to_owned()],
        });
        bad.indexes.push(index("i", &["a"]));
        assert_eq!(
            found(&RULE, &Sample::of([bad.clone()])),
            ["public.notes: the foreign key fk of public.notes to public.sessions has no index"]
        );
        bad.indexes.push(index("j", &["b", "a", "c"]));
        assert!(found(&RULE, &Sample::of([bad])).is_empty());
    }
}
