use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{Privilege, RelationKind};

pub(super) const RULE: Rule = Rule {
    code: "security_definer_view",
    severity: Severity::Error,
    category: Category::Security,
    title: "a view reads with the rights of its owner",
    reason: "unless it is a `security_invoker`, a view reads as its owner, past the policies that \
             bind whoever asks it",
    example: "create view all_notes as select * from notes; grant select on all_notes to anon;",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .relations()
        .filter(|view| view.kind == RelationKind::View && !view.security_invoker)
        .filter(|view| {
            let rows = Privilege::ROWS.into_iter();
            rows.into_iter()
                .any(|privilege| !audit.who_may(view, privilege).is_empty())
        })
        .map(|view| {
            let message = format!(
                "the view {} asks the policies of its owner, {}, instead of those of whoever reads it",
                view.name, view.owner
            );
            let fix = format!("alter view {} set (security_invoker = true);", view.name);
            Finding::new(Object::relation(view), message).fix(fix)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, grant, table};

    #[test]
    fn fires_and_is_silent() {
        let mut view = table("all_notes");
        view.kind = RelationKind::View;
        assert!(
            found(&RULE, &Sample::of([view.clone()])).is_empty(),
            "nobody may read it"
        );
        view.grants.push(grant("anon", Privilege::Select));
        assert_eq!(found(&RULE, &Sample::of([view.clone()])).len(), 1);
        view.security_invoker = true;
        assert!(found(&RULE, &Sample::of([view])).is_empty());
    }
}
