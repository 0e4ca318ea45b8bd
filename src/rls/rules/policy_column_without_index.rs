use std::collections::BTreeSet;

use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::sql::quote_ident;

pub(super) const RULE: Rule = Rule {
    code: "policy_column_without_index",
    severity: Severity::Warning,
    category: Category::Performance,
    title: "a policy filters by a column without an index",
    reason: "the policy's condition is part of every statement: without an index that begins with \
             the column, each reads the whole table",
    example: "using (owner_id = (select auth.uid()))    -- and no index on owner_id",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for table in audit.tables().filter(|table| table.row_security.is_on()) {
        let asked = table.policies.iter().filter(|one| audit.binds_exposed(one));
        let filters: BTreeSet<&String> = asked
            .filter_map(|policy| policy.using.as_ref())
            .flat_map(|using| &using.filters)
            .collect();
        for column in filters {
            let mut indexes = table.indexes.iter();
            let indexed = indexes.any(|index| {
                let first = index.keys.first().and_then(Option::as_ref);
                index.valid && !index.partial && first == Some(column)
            });
            if !indexed {
                let message = format!(
                    "policies on {} filter by {column}, and no index begins with it",
                    table.name
                );
                let fix = format!("create index on {} ({});", table.name, quote_ident(column));
                findings.push(Finding::new(Object::relation(table), message).fix(fix));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, expression, found, index, policy, table};

    #[test]
    fn fires_and_is_silent() {
        let mut bad = table("notes");
        let mut own = policy("own");
        let mut using = expression();
        using.filters.insert("owner_id".to_owned());
        own.using = Some(using);
        bad.policies.push(own);
        bad.indexes.push(index("i", &["id", "owner_id"]));
        assert_eq!(
            found(&RULE, &Sample::of([bad.clone()])),
            [
                "public.notes: policies on public.notes filter by owner_id, and no index begins with it"
            ]
        );
        bad.indexes.push(index("j", &["owner_id", "id"]));
        assert!(found(&RULE, &Sample::of([bad.clone()])).is_empty());
        bad.indexes[1].valid = false;
        assert_eq!(found(&RULE, &Sample::of([bad])).len(), 1);
    }
}
