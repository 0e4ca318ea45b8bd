use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::audit::names;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{Privilege, RelationKind};

pub(super) const RULE: Rule = Rule {
    code: "foreign_table_in_api",
    severity: Severity::Warning,
    category: Category::Security,
    title: "a foreign table is shown to the API",
    reason: "a foreign table has no policies: whoever may read it reads what the other server shows",
    example: "create foreign table seen (…) server other; grant select on seen to anon;",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    findings(audit, RelationKind::ForeignTable, "foreign table")
}

/// The relations of a kind that knows no policies, and `noun` for it, that the API may read.
pub(super) fn findings(audit: Audit<'_>, kind: RelationKind, noun: &str) -> Vec<Finding> {
    audit
        .relations()
        .filter(|relation| relation.kind == kind)
        .filter_map(|relation| {
            let who = names(&audit.who_may(relation, Privilege::Select));
            let message = format!("{who} may read the {noun} {}", relation.name);
            let fix = format!("revoke all on {} from {who};", relation.name);
            (!who.is_empty()).then(|| Finding::new(Object::relation(relation), message).fix(fix))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, grant, table};

    #[test]
    fn fires_and_is_silent() {
        let mut bad = table("seen");
        bad.grants.push(grant("anon", Privilege::Select));
        assert!(found(&RULE, &Sample::of([bad.clone()])).is_empty());
        bad.kind = RelationKind::ForeignTable;
        assert_eq!(
            found(&RULE, &Sample::of([bad.clone()])),
            ["public.seen: anon may read the foreign table public.seen"]
        );
        bad.grants.clear();
        assert!(found(&RULE, &Sample::of([bad])).is_empty());
    }
}
