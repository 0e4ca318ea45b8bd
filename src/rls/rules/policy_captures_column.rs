use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};

pub(super) const RULE: Rule = Rule {
    code: "policy_captures_column",
    severity: Severity::Error,
    category: Category::Security,
    title: "a column in a sub-query is compared with itself",
    reason: "a name without a table belongs to the innermost query that has such a column: \
             `members.team_id = team_id` compares the sub-query's column with itself, is always \
             true, and lets through every row. Write `notes.team_id`",
    example: "exists (select from members where members.team_id = team_id and …)",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .policies()
        .flat_map(|(table, policy)| {
            policy
                .expressions()
                .flat_map(|(_, expression)| &expression.sub_queries)
                .flat_map(|query| &query.comparisons)
                .filter(|comparison| comparison.with_itself)
                .map(move |comparison| {
                    let message = format!(
                        "the policy {} on {} compares {}.{} with itself",
                        policy.name, table.name, comparison.relation, comparison.column
                    );
                    let own = table
                        .columns
                        .iter()
                        .any(|column| column.name == comparison.column);
                    let message = if own {
                        format!(
                            "{message}; {}.{} was meant",
                            table.name.name, comparison.column
                        )
                    } else {
                        message
                    };
                    Finding::new(Object::policy(table, policy), message)
                })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, column, expression, found, policy, sub_query, table};
    use crate::schema::Comparison;
    use crate::sql::QualifiedName;

    #[test]
    fn fires_and_is_silent() {
        for with_itself in [true, false] {
            let mut bad = table("notes");
            bad.columns.push(column("team_id"));
            let mut policy = policy("team");
            let mut asks = expression();
            let mut query = sub_query("members");
            query.comparisons.push(Comparison {
                relation: QualifiedName::new("public", "members"),
                column: "team_id".to_owned(),
                with_itself,
            });
            asks.sub_queries.push(query);
            policy.using = Some(asks);
            bad.policies.push(policy);
            let told = found(&RULE, &Sample::of([bad]));
            let expected = "team on public.notes: the policy team on public.notes compares \
                            public.members.team_id with itself; notes.team_id was meant";
            let expected = if with_itself { vec![expected] } else { vec![] };
            assert_eq!(told, expected);
        }
    }
}
