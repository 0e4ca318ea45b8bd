use std::collections::BTreeSet;

use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{Call, Policy, Wrapping};

pub(super) const RULE: Rule = Rule {
    code: "auth_rls_initplan",
    severity: Severity::Warning,
    category: Category::Performance,
    title: "a policy asks who the user is for each row",
    reason: "`auth.uid()`, `auth.jwt()` and `current_setting()` are called for each row unless they \
             stand in a sub-query of their own, which runs once a statement",
    example: "using (owner_id = auth.uid())    -- instead of (select auth.uid())",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .policies()
        .filter_map(|(table, policy)| {
            let calls = bare_calls(policy);
            let first = calls.first()?;
            let names: Vec<String> = calls.iter().map(ToString::to_string).collect();
            let message = format!(
                "the policy {} on {} calls {} for each row; write `(select {first})`",
                policy.name,
                table.name,
                names.join(", ")
            );
            Some(Finding::new(Object::policy(table, policy), message))
        })
        .collect()
}

/// `auth.uid()`, `current_setting(…)`, each once.
fn bare_calls(policy: &Policy) -> BTreeSet<String> {
    policy
        .expressions()
        .flat_map(|(_, expression)| &expression.calls)
        .filter(|call| call.wrapping != Wrapping::Once)
        .filter_map(asks_who)
        .collect()
}

fn asks_who(call: &Call) -> Option<String> {
    let function = &call.function;
    match (function.schema.as_str(), function.name.as_str()) {
        ("auth", "uid" | "jwt" | "role" | "email") => Some(format!("{function}()")),
        ("pg_catalog", "current_setting") => Some("current_setting(…)".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, expression, found, policy, table};
    use crate::sql::QualifiedName;

    fn told(schema: &str, name: &str, wrapping: Wrapping) -> Vec<String> {
        let mut bad = table("notes");
        let mut policy = policy("own");
        let mut asks = expression();
        asks.calls.push(Call {
            function: QualifiedName::new(schema, name),
            wrapping,
        });
        policy.using = Some(asks);
        bad.policies.push(policy);
        found(&RULE, &Sample::of([bad]))
    }

    #[test]
    fn fires_and_is_silent() {
        assert_eq!(
            told("auth", "uid", Wrapping::EachRow),
            [
                "own on public.notes: the policy own on public.notes calls auth.uid() for each row; \
              write `(select auth.uid())`"
            ]
        );
        assert_eq!(told("auth", "jwt", Wrapping::EachSubQueryRow).len(), 1);
        assert_eq!(
            told("pg_catalog", "current_setting", Wrapping::EachRow).len(),
            1
        );
        assert!(told("auth", "uid", Wrapping::Once).is_empty());
        assert!(told("public", "mine", Wrapping::EachRow).is_empty());
    }
}
