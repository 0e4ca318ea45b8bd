use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::audit::names;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{Grantee, Privilege};

pub(super) const RULE: Rule = Rule {
    code: "rls_disabled_in_public",
    severity: Severity::Error,
    category: Category::Security,
    title: "a table of the API is open to everybody who has a right to it",
    reason: "without row-level security a right is a right to every row; INSERT, UPDATE, DELETE or \
             TRUNCATE alone is enough to do harm, and a partition that is asked by its own name \
             does not ask the policies of its parent",
    example: "create table notes (…); grant insert on notes to anon;",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .tables()
        .filter(|table| !table.row_security.is_on())
        .filter_map(|table| {
            let exposure = audit.exposure(table);
            if exposure.is_empty() {
                return None;
            }
            let partition = table.partition_of.as_ref();
            let partition = partition.map_or_else(String::new, |parent| {
                format!(", a partition of {parent} that can be asked by its own name,")
            });
            let message = format!(
                "row-level security is off: {}{partition} is open: {}",
                table.name,
                told(&exposure)
            );
            let fix = format!("alter table {} enable row level security;", table.name);
            Some(Finding::new(Object::relation(table), message).fix(fix))
        })
        .collect()
}

/// `anon may select, insert; authenticated may select`
fn told(exposure: &[(Privilege, Vec<Grantee>)]) -> String {
    let mut by_right: Vec<(String, Vec<&str>)> = Vec::new();
    let rights: Vec<(String, String)> = exposure
        .iter()
        .map(|(privilege, who)| (names(who), privilege.to_string()))
        .collect();
    for (who, right) in &rights {
        match by_right.iter_mut().find(|(known, _)| known == who) {
            Some((_, rights)) => rights.push(right),
            None => by_right.push((who.clone(), vec![right])),
        }
    }
    let told: Vec<String> = by_right
        .iter()
        .map(|(who, rights)| format!("{who} may {}", rights.join(", ")))
        .collect();
    told.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, grant, table};
    use crate::schema::RowSecurity;
    use crate::sql::QualifiedName;

    #[test]
    fn each_right_counts() {
        for right in Privilege::REACH {
            let mut open = table("notes");
            open.row_security = RowSecurity::Off;
            open.grants.push(grant("anon", right));
            assert_eq!(
                found(&RULE, &Sample::of([open.clone()])),
                [format!(
                    "public.notes: row-level security is off: public.notes is open: anon may {right}"
                )]
            );
            open.row_security = RowSecurity::On;
            assert!(found(&RULE, &Sample::of([open])).is_empty());
        }
    }

    #[test]
    fn a_partition_and_nobody() {
        let mut part = table("notes_1");
        part.row_security = RowSecurity::Off;
        part.partition_of = Some(QualifiedName::new("public", "notes"));
        assert!(found(&RULE, &Sample::of([part.clone()])).is_empty());
        part.grants.push(grant("authenticated", Privilege::Select));
        let told = found(&RULE, &Sample::of([part]));
        assert!(told[0].contains("a partition of public.notes"), "{told:?}");
    }

    #[test]
    fn the_trusted_role_may() {
        let mut open = table("notes");
        open.row_security = RowSecurity::Off;
        open.grants.push(grant("service_role", Privilege::Select));
        assert!(found(&RULE, &Sample::of([open])).is_empty());
    }
}
