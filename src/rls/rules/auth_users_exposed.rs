use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::audit::names;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{Privilege, RelationKind};
use crate::sql::QualifiedName;

pub(super) const RULE: Rule = Rule {
    code: "auth_users_exposed",
    severity: Severity::Error,
    category: Category::Security,
    title: "a view shows auth.users to the API",
    reason: "auth.users holds the addresses and secrets of every account; a view over it that the \
             API's roles may read hands them out",
    example: "create view people as select * from auth.users; grant select on people to anon;",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    let users = QualifiedName::new("auth", "users");
    audit
        .relations()
        .filter(|view| {
            matches!(
                view.kind,
                RelationKind::View | RelationKind::MaterializedView
            )
        })
        .filter(|view| view.reads.contains(&users))
        .filter_map(|view| {
            let who = names(&audit.who_may(view, Privilege::Select));
            let message = format!("{} shows auth.users to {who}", view.name);
            let fix = format!("revoke select on {} from {who};", view.name);
            (!who.is_empty()).then(|| Finding::new(Object::relation(view), message).fix(fix))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, grant, table};

    #[test]
    fn fires_and_is_silent() {
        let mut view = table("people");
        view.kind = RelationKind::View;
        view.grants.push(grant("anon", Privilege::Select));
        assert!(found(&RULE, &Sample::of([view.clone()])).is_empty());
        view.reads.insert(QualifiedName::new("auth", "users"));
        assert_eq!(
            found(&RULE, &Sample::of([view.clone()])),
            ["public.people: public.people shows auth.users to anon"]
        );
        view.grants.clear();
        assert!(found(&RULE, &Sample::of([view])).is_empty());
    }
}
