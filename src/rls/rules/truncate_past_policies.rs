use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::audit::names;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::Privilege;

pub(super) const RULE: Rule = Rule {
    code: "truncate_past_policies",
    severity: Severity::Warning,
    category: Category::Security,
    title: "a table with row-level security can be emptied",
    reason: "no policy is asked for TRUNCATE: whoever has the right deletes everybody's rows. \
             Supabase's default privileges give it to the API's roles",
    example: "grant all on notes to authenticated;",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .tables()
        .filter(|table| table.row_security.is_on())
        .filter_map(|table| {
            let who = audit.who_may(table, Privilege::Truncate);
            let who = names(&who);
            let message = format!(
                "{who} may truncate {}: no policy is asked for it",
                table.name
            );
            let fix = format!("revoke truncate on table {} from {who};", table.name);
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
        let mut bad = table("notes");
        assert!(found(&RULE, &Sample::of([bad.clone()])).is_empty());
        bad.grants.push(grant("anon", Privilege::Truncate));
        assert_eq!(
            found(&RULE, &Sample::of([bad])),
            ["public.notes: anon may truncate public.notes: no policy is asked for it"]
        );
    }
}
