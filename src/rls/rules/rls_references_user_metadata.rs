use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};

pub(super) const RULE: Rule = Rule {
    code: "rls_references_user_metadata",
    severity: Severity::Error,
    category: Category::Security,
    title: "a policy believes what users say of themselves",
    reason: "`user_metadata` in the claims is written by the user: a policy that asks it gives \
             everybody what they ask for. `app_metadata` is not",
    example: "using ((auth.jwt() -> 'user_metadata' ->> 'role') = 'admin')",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .policies()
        .filter(|(_, policy)| {
            policy.expressions().any(|(_, expression)| {
                let mut texts = expression.texts.iter();
                // A path, `{user_metadata,role}`, and a claim of PostgREST name it within.
                texts.any(|text| text.contains("user_metadata"))
            })
        })
        .map(|(table, policy)| {
            let message = format!(
                "the policy {} on {} asks `user_metadata`, which users write themselves",
                policy.name, table.name
            );
            Finding::new(Object::policy(table, policy), message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, expression, found, policy, table};

    #[test]
    fn fires_and_is_silent() {
        for (text, count) in [
            ("user_metadata", 1),
            ("{user_metadata,role}", 1),
            ("app_metadata", 0),
        ] {
            let mut bad = table("notes");
            let mut policy = policy("admins");
            let mut asks = expression();
            asks.texts.insert(text.to_owned());
            policy.using = Some(asks);
            bad.policies.push(policy);
            assert_eq!(found(&RULE, &Sample::of([bad])).len(), count, "{text}");
        }
    }
}
