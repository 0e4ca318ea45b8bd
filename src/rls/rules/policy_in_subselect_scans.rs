use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::SubQueryKind;

pub(super) const RULE: Rule = Rule {
    code: "policy_in_subselect_scans",
    severity: Severity::Warning,
    category: Category::Performance,
    title: "a policy compares by IN (SELECT …)",
    reason: "`column in (select …)` in a policy is asked row by row and can use no index of the \
             table; `column = any (array(select …))` reads the list once and can",
    example: "using (team_id in (select team_id from members where user_id = (select auth.uid())))",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .policies()
        .filter(|(_, policy)| {
            let mut queries = policy
                .using
                .iter()
                .flat_map(|expression| &expression.sub_queries);
            queries.any(|query| query.kind == SubQueryKind::Any && !query.correlated)
        })
        .map(|(table, policy)| {
            let message = format!(
                "the policy {} on {} compares by `in (select …)`; write `= any (array(select …))`",
                policy.name, table.name
            );
            Finding::new(Object::policy(table, policy), message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, expression, found, policy, sub_query, table};

    #[test]
    fn fires_and_is_silent() {
        for (kind, count) in [(SubQueryKind::Any, 1), (SubQueryKind::Array, 0)] {
            let mut bad = table("notes");
            let mut team = policy("team");
            let mut using = expression();
            let mut query = sub_query("members");
            query.kind = kind;
            using.sub_queries.push(query);
            team.using = Some(using);
            bad.policies.push(team);
            assert_eq!(found(&RULE, &Sample::of([bad])).len(), count, "{kind:?}");
        }
    }
}
