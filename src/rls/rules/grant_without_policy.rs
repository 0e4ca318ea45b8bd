use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{PolicyKind, Privilege};

pub(super) const RULE: Rule = Rule {
    code: "grant_without_policy",
    severity: Severity::Note,
    category: Category::Security,
    title: "a command is granted, and no policy lets a row through",
    reason: "a right without a permissive policy does nothing today, and opens the table on the day \
             that somebody disables row-level security; grant what is meant and no more",
    example: "grant all on notes to authenticated;    -- with a policy for SELECT alone",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let governed = audit
        .tables()
        .filter(|table| table.row_security.is_on() && !table.policies.is_empty());
    for table in governed {
        for who in audit.exposed() {
            let idle: Vec<String> = Privilege::ROWS
                .into_iter()
                .filter(|privilege| audit.may(&who, table, *privilege))
                .filter(|privilege| {
                    let mut asked = audit.asked(table, &who, *privilege, PolicyKind::Permissive);
                    asked.next().is_none()
                })
                .map(|privilege| privilege.to_string())
                .collect();
            if !idle.is_empty() {
                let idle = idle.join(", ");
                let message = format!(
                    "{who} may {idle} on {}, and no policy is for it",
                    table.name
                );
                let fix = format!("revoke {idle} on table {} from {who};", table.name);
                findings.push(Finding::new(Object::relation(table), message).fix(fix));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, grant, policy, table};
    use crate::schema::PolicyCommand;

    #[test]
    fn fires_and_is_silent() {
        let mut bad = table("notes");
        let mut read = policy("read");
        read.command = PolicyCommand::Select;
        bad.policies.push(read);
        bad.grants.push(grant("anon", Privilege::Select));
        assert!(found(&RULE, &Sample::of([bad.clone()])).is_empty());
        bad.grants.push(grant("anon", Privilege::Delete));
        assert_eq!(
            found(&RULE, &Sample::of([bad])),
            ["public.notes: anon may delete on public.notes, and no policy is for it"]
        );
    }
}
