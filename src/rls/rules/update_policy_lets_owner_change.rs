use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::audit::Access;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{Policy, PolicyKind, Privilege, Relation};

pub(super) const RULE: Rule = Rule {
    code: "update_policy_lets_owner_change",
    severity: Severity::Warning,
    category: Category::Security,
    title: "an UPDATE can give a row away",
    reason: "USING says which rows may be changed, WITH CHECK what they may become: where that does \
             not look at the column by which USING finds the rows, a user can put another's name \
             there. Without WITH CHECK, USING counts for both",
    example: "for update using (owner_id = (select auth.uid())) with check (true)",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .policies()
        .filter(|(table, policy)| {
            table.row_security.is_on()
                && policy.kind == PolicyKind::Permissive
                && policy.command.covers(Privilege::Update)
        })
        .filter_map(|(table, policy)| {
            let column = given_away(audit, table, policy)?;
            let message = format!(
                "the policy {} on {} finds rows by {column}, and its WITH CHECK lets it become anything",
                policy.name, table.name
            );
            let using = &policy.using.as_ref()?.sql;
            let fix = format!(
                "alter policy {} on {} with check ({using});",
                crate::sql::quote_ident(&policy.name),
                table.name
            );
            Some(Finding::new(Object::policy(table, policy), message).fix(fix))
        })
        .collect()
}

/// A column that USING finds rows by, WITH CHECK does not look at, and somebody may change.
fn given_away<'a>(audit: Audit<'_>, table: &Relation, policy: &'a Policy) -> Option<&'a String> {
    let (using, check) = (policy.using.as_ref()?, policy.check.as_ref()?);
    let mut free = using.filters.difference(&check.columns);
    free.find(|column| {
        let mut who = audit.exposed().into_iter();
        who.any(|who| {
            audit.applies(policy, &who)
                && match audit.access(&who, table, Privilege::Update) {
                    Access::No => false,
                    Access::Columns(columns) => columns.contains(column),
                    Access::Whole => true,
                }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, column, expression, found, grant, policy, table};

    fn told(checked: Option<&[&str]>, right: Option<&str>) -> usize {
        let mut bad = table("notes");
        bad.columns = vec![column("owner_id"), column("body")];
        let mut update = grant("authenticated", Privilege::Update);
        update.column = right.map(str::to_owned);
        bad.grants.push(update);
        let mut own = policy("own");
        let mut using = expression();
        using.filters.insert("owner_id".to_owned());
        using.columns.insert("owner_id".to_owned());
        own.using = Some(using);
        own.check = checked.map(|columns| {
            let mut check = expression();
            check.columns = columns.iter().map(|name| (*name).to_owned()).collect();
            check
        });
        bad.policies.push(own);
        found(&RULE, &Sample::of([bad])).len()
    }

    #[test]
    fn fires_and_is_silent() {
        assert_eq!(told(Some(&[]), None), 1);
        assert_eq!(told(Some(&["body"]), Some("owner_id")), 1);
        assert_eq!(told(Some(&["owner_id"]), None), 0);
        assert_eq!(told(None, None), 0);
        assert_eq!(told(Some(&[]), Some("body")), 0);
    }
}
