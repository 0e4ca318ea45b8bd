use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};

pub(super) const RULE: Rule = Rule {
    code: "policy_exists_rls_disabled",
    severity: Severity::Error,
    category: Category::Security,
    title: "a table has policies that are never asked",
    reason: "without `enable row level security` policies are text: every row is open to whoever \
             has the right to the table",
    example: "create policy own on notes using (owner_id = (select auth.uid()));",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .tables()
        .filter(|table| !table.row_security.is_on() && !table.policies.is_empty())
        .map(|table| {
            let names: Vec<&str> = table.policies.iter().map(|one| one.name.as_str()).collect();
            let message = format!(
                "{} has policies ({}), and row-level security is off",
                table.name,
                names.join(", ")
            );
            Finding::new(Object::relation(table), message).fix(format!(
                "alter table {} enable row level security;",
                table.name
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, policy, table};
    use crate::schema::RowSecurity;

    #[test]
    fn fires_and_is_silent() {
        let mut bad = table("notes");
        bad.row_security = RowSecurity::Off;
        bad.policies.push(policy("own"));
        assert_eq!(
            found(&RULE, &Sample::of([bad.clone()])),
            ["public.notes: public.notes has policies (own), and row-level security is off"]
        );
        bad.row_security = RowSecurity::On;
        assert!(found(&RULE, &Sample::of([bad])).is_empty());
    }
}
