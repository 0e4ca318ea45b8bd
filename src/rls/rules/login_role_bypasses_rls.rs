use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{Grantee, Privilege};
use crate::sql::quote_ident;

pub(super) const RULE: Rule = Rule {
    code: "login_role_bypasses_rls",
    severity: Severity::Warning,
    category: Category::Security,
    title: "a role that can log in passes by every policy",
    reason: "whoever has the password of a role with BYPASSRLS sees every row of every table that \
             it has a right to; a role for that is best one without a login, reached by SET ROLE. \
             The owner of the tables and superusers are not found",
    example: "create role reporting login bypassrls; grant select on notes to reporting;",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    let roles = audit.schema.roles.values();
    roles
        .filter(|role| role.can_login && role.bypasses_rls && !role.superuser)
        .filter_map(|role| {
            let who = Grantee::role(&role.name);
            let table = audit.tables().find(|table| {
                let owns = audit.has_rights_of(&who, &Grantee::role(&table.owner));
                let mut rows = Privilege::REACH.into_iter();
                let reaches = rows.any(|privilege| audit.may(&who, table, privilege));
                table.row_security.is_on() && reaches && !owns
            })?;
            let message = format!(
                "the role {} can log in, has BYPASSRLS, and reaches {}",
                role.name, table.name
            );
            let fix = format!("alter role {} nobypassrls;", quote_ident(&role.name));
            Some(Finding::new(Object::Role(role.name.clone()), message).fix(fix))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, grant, table};

    #[test]
    fn fires_and_is_silent() {
        let mut notes = table("notes");
        notes.grants.push(grant("service_role", Privilege::Select));
        let mut sample = Sample::of([notes]);
        assert!(found(&RULE, &sample).is_empty());
        let role = sample.schema.roles.get_mut("service_role").unwrap();
        role.can_login = true;
        assert_eq!(
            found(&RULE, &sample),
            [
                "service_role: the role service_role can log in, has BYPASSRLS, and reaches public.notes"
            ]
        );
        for table in sample.schema.relations.values_mut() {
            table.owner = "service_role".to_owned();
        }
        assert!(found(&RULE, &sample).is_empty());
    }
}
