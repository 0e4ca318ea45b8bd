use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{PolicyKind, Privilege};

pub(super) const RULE: Rule = Rule {
    code: "multiple_permissive_policies",
    severity: Severity::Warning,
    category: Category::Performance,
    title: "several permissive policies are asked for one command",
    reason: "all of them are asked for each row, and one yes is enough: one policy with OR is \
             faster, and shows what it lets through",
    example: "create policy a on notes for select using (…); create policy b on notes for select using (…);",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for table in audit.tables().filter(|table| table.row_security.is_on()) {
        for who in audit.exposed() {
            // Of commands with the same policies it is told once.
            let mut told: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
            for privilege in Privilege::ROWS {
                let asked = audit.asked(table, &who, privilege, PolicyKind::Permissive);
                let asked: Vec<&str> = asked.map(|policy| policy.name.as_str()).collect();
                match told.iter_mut().find(|(names, _)| *names == asked) {
                    _ if asked.len() < 2 => {}
                    Some((_, commands)) => commands.push(privilege.to_string()),
                    None => told.push((asked, vec![privilege.to_string()])),
                }
            }
            for (names, commands) in told {
                let message = format!(
                    "{} asks {who} several permissive policies for {}: {}",
                    table.name,
                    commands.join(", "),
                    names.join(", ")
                );
                findings.push(Finding::new(Object::relation(table), message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, policy, table};
    use crate::schema::{Grantee, PolicyCommand};

    #[test]
    fn fires_and_is_silent() {
        let mut bad = table("notes");
        let (mut a, mut b) = (policy("a"), policy("b"));
        a.roles = vec![Grantee::role("anon")];
        b.command = PolicyCommand::Select;
        bad.policies = vec![a, b];
        assert_eq!(
            found(&RULE, &Sample::of([bad.clone()])),
            ["public.notes: public.notes asks anon several permissive policies for select: a, b"]
        );
        bad.policies[1].kind = PolicyKind::Restrictive;
        assert!(found(&RULE, &Sample::of([bad])).is_empty());
    }
}
