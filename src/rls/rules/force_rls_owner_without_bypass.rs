use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::RowSecurity;

pub(super) const RULE: Rule = Rule {
    code: "force_rls_owner_without_bypass",
    severity: Severity::Warning,
    category: Category::Security,
    title: "a table's policies bind its owner too",
    reason: "with FORCE, an owner that does not bypass row-level security changes only the rows \
             that a policy shows it: a data migration changes none and reports success, and \
             SECURITY DEFINER functions that policies ask are answered by those policies",
    example: "alter table notes force row level security;    -- owned by a role without BYPASSRLS",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .tables()
        .filter(|table| table.row_security == RowSecurity::Forced && !audit.owner_bypasses(table))
        .map(|table| {
            let message = format!(
                "row-level security of {} is forced, and its owner {} does not bypass it",
                table.name, table.owner
            );
            let fix = format!("alter table {} no force row level security;", table.name);
            Finding::new(Object::relation(table), message).fix(fix)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, table};

    #[test]
    fn fires_and_is_silent() {
        let mut bad = table("notes");
        assert!(found(&RULE, &Sample::of([bad.clone()])).is_empty());
        bad.row_security = RowSecurity::Forced;
        assert_eq!(found(&RULE, &Sample::of([bad.clone()])).len(), 1);
        bad.owner = "service_role".to_owned();
        assert!(found(&RULE, &Sample::of([bad])).is_empty(), "it bypasses");
    }
}
