use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{Policy, PolicyCommand, PolicyKind};

pub(super) const RULE: Rule = Rule {
    code: "rls_policy_always_true",
    severity: Severity::Warning,
    category: Category::Security,
    title: "a policy lets everybody write",
    reason: "a permissive policy that is always true makes all others idle; for reading that may be \
             meant, for writing it hardly ever is",
    example: "create policy p on notes for update to authenticated using (true);",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .policies()
        .filter(|(table, policy)| {
            table.row_security.is_on()
                && policy.kind == PolicyKind::Permissive
                && policy.command != PolicyCommand::Select
                && audit.binds_exposed(policy)
        })
        .filter_map(|(table, policy)| {
            let clause = always_true(policy)?;
            let message = format!(
                "the policy {} on {} lets everybody {}: its {clause} is always true",
                policy.name,
                table.name,
                match policy.command {
                    PolicyCommand::All => "do everything".to_owned(),
                    command => command.to_string(),
                }
            );
            Some(Finding::new(Object::policy(table, policy), message))
        })
        .collect()
}

/// The clause that decides about what is written and is always true.
fn always_true(policy: &Policy) -> Option<&'static str> {
    let always = |expression: &Option<crate::schema::Expression>| {
        expression.as_ref().map(|one| one.constant == Some(true))
    };
    match (always(&policy.using), always(&policy.check)) {
        (Some(true), _) => Some("USING"),
        (None, Some(true)) => Some("WITH CHECK"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, policy, table};
    use crate::schema::{Expression, Grantee};

    fn always() -> Option<Expression> {
        Some(Expression {
            constant: Some(true),
            ..Expression::default()
        })
    }

    fn told(change: impl FnOnce(&mut Policy)) -> usize {
        let mut bad = table("notes");
        let mut policy = policy("p");
        policy.using = always();
        change(&mut policy);
        bad.policies.push(policy);
        found(&RULE, &Sample::of([bad])).len()
    }

    #[test]
    fn fires_and_is_silent() {
        assert_eq!(told(|_| ()), 1);
        assert_eq!(told(|one| one.command = PolicyCommand::Select), 0);
        assert_eq!(told(|one| one.kind = PolicyKind::Restrictive), 0);
        assert_eq!(
            told(|one| one.roles = vec![Grantee::role("service_role")]),
            0
        );
        assert_eq!(told(|one| one.using = Some(Expression::default())), 0);
        let insert = |one: &mut Policy| {
            one.command = PolicyCommand::Insert;
            one.using = None;
            one.check = always();
        };
        assert_eq!(told(insert), 1);
    }
}
