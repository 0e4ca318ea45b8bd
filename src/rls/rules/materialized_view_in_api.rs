use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Rule};
use crate::schema::RelationKind;

use super::foreign_table_in_api::findings;

pub(super) const RULE: Rule = Rule {
    code: "materialized_view_in_api",
    severity: Severity::Warning,
    category: Category::Security,
    title: "a materialized view is shown to the API",
    reason: "a materialized view has no policies: whoever may read it reads every row",
    example: "create materialized view seen as select * from notes; grant select on seen to anon;",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    findings(audit, RelationKind::MaterializedView, "materialized view")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, grant, table};
    use crate::schema::Privilege;

    #[test]
    fn fires_and_is_silent() {
        let mut bad = table("seen");
        bad.grants.push(grant("anon", Privilege::Select));
        assert!(found(&RULE, &Sample::of([bad.clone()])).is_empty());
        bad.kind = RelationKind::MaterializedView;
        assert_eq!(
            found(&RULE, &Sample::of([bad.clone()])),
            ["public.seen: anon may read the materialized view public.seen"]
        );
        bad.grants.clear();
        assert!(found(&RULE, &Sample::of([bad])).is_empty());
    }
}
