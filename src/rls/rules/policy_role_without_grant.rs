use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{Grantee, Policy, PolicyKind, Privilege, Relation};

pub(super) const RULE: Rule = Rule {
    code: "policy_role_without_grant",
    severity: Severity::Warning,
    category: Category::Security,
    title: "a policy is for a role that has no right to the table",
    reason: "a policy gives no right: without a grant the command is refused before any policy is \
             asked, and what the policy was to allow does not work",
    example: "create policy own on notes for select to authenticated using (…);    -- and no grant",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .policies()
        .filter(|(_, policy)| policy.kind == PolicyKind::Permissive)
        .flat_map(|(table, policy)| {
            let without = policy
                .roles
                .iter()
                .filter(|role| **role != Grantee::Public)
                .filter(move |role| has_no_right(audit, table, policy, role));
            without.map(move |role| {
                let message = format!(
                    "the policy {} on {} is for {role}, who may not {} there",
                    policy.name,
                    table.name,
                    match policy.command {
                        crate::schema::PolicyCommand::All => "do anything".to_owned(),
                        command => command.to_string(),
                    }
                );
                Finding::new(Object::policy(table, policy), message)
            })
        })
        .collect()
}

fn has_no_right(audit: Audit<'_>, table: &Relation, policy: &Policy, role: &Grantee) -> bool {
    let mut governed = Privilege::ROWS
        .into_iter()
        .filter(|privilege| policy.command.covers(*privilege));
    governed.all(|privilege| !audit.may(role, table, privilege))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, grant, policy, table};
    use crate::schema::PolicyCommand;

    #[test]
    fn fires_and_is_silent() {
        let mut bad = table("notes");
        let mut own = policy("own");
        own.roles = vec![Grantee::role("authenticated")];
        own.command = PolicyCommand::Update;
        bad.policies.push(own);
        bad.grants.push(grant("authenticated", Privilege::Select));
        assert_eq!(
            found(&RULE, &Sample::of([bad.clone()])),
            [
                "own on public.notes: the policy own on public.notes is for authenticated, who may \
              not update there"
            ]
        );
        let mut column = grant("authenticated", Privilege::Update);
        column.column = Some("body".to_owned());
        bad.columns.push(crate::rls::sample::column("body"));
        bad.grants.push(column);
        assert!(found(&RULE, &Sample::of([bad])).is_empty());
    }
}
