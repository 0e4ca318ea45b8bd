use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::audit::names;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{Grantee, Privilege};

pub(super) const RULE: Rule = Rule {
    code: "rls_enabled_no_policy",
    severity: Severity::Note,
    category: Category::Security,
    title: "a table is granted, and no policy opens it",
    reason: "row-level security without a policy hides every row, so that the grant does nothing; \
             a table that nobody is granted is closed on purpose, and is not found",
    example: "alter table notes enable row level security; grant select on notes to authenticated;",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .tables()
        .filter(|table| table.row_security.is_on() && table.policies.is_empty())
        .filter_map(|table| {
            let mut who: Vec<Grantee> = Privilege::ROWS
                .into_iter()
                .flat_map(|privilege| audit.who_may(table, privilege))
                .collect();
            who.sort();
            who.dedup();
            let message = format!(
                "{} is granted to {} and has no policy: no row is there for them",
                table.name,
                names(&who)
            );
            let fix = format!("revoke all on table {} from {};", table.name, names(&who));
            (!who.is_empty()).then(|| Finding::new(Object::relation(table), message).fix(fix))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, grant, table};

    #[test]
    fn fires_and_is_silent() {
        let closed = table("notes");
        assert!(found(&RULE, &Sample::of([closed.clone()])).is_empty());
        let mut granted = closed;
        granted.grants.push(grant("anon", Privilege::Select));
        assert_eq!(
            found(&RULE, &Sample::of([granted])),
            [
                "public.notes: public.notes is granted to anon and has no policy: no row is there for them"
            ]
        );
    }
}
