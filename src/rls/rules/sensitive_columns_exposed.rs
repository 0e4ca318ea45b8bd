use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::audit::{Access, names};
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{Grantee, Privilege, Relation};

pub(super) const RULE: Rule = Rule {
    code: "sensitive_columns_exposed",
    severity: Severity::Error,
    category: Category::Security,
    title: "a table that is open holds what looks like a secret",
    reason: "without row-level security whoever may read the table reads the secrets of everybody",
    example: "create table people (id int, password text); grant select on people to anon;",
    check,
};

/// Names of columns whose content nobody else should see, without `_`.
const SENSITIVE: [&str; 28] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "passwordhash",
    "secret",
    "secretkey",
    "clientsecret",
    "apikey",
    "privatekey",
    "accesstoken",
    "refreshtoken",
    "sessiontoken",
    "authtoken",
    "resettoken",
    "otp",
    "otpsecret",
    "totpsecret",
    "mfasecret",
    "recoverycode",
    "ssn",
    "socialsecuritynumber",
    "creditcard",
    "creditcardnumber",
    "cardnumber",
    "cvv",
    "iban",
    "passportnumber",
];

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .tables()
        .filter(|table| !table.row_security.is_on())
        .filter_map(|table| {
            let who = audit.who_may(table, Privilege::Select);
            let seen: Vec<&str> = table
                .columns
                .iter()
                .map(|column| column.name.as_str())
                .filter(|name| is_sensitive(name))
                .filter(|name| who.iter().any(|one| sees(audit, one, table, name)))
                .collect();
            if seen.is_empty() {
                return None;
            }
            let message = format!(
                "{} may read {} of {}, which has no row-level security",
                names(&who),
                seen.join(", "),
                table.name
            );
            let fix = format!("alter table {} enable row level security;", table.name);
            Some(Finding::new(Object::relation(table), message).fix(fix))
        })
        .collect()
}

fn is_sensitive(column: &str) -> bool {
    let name = column.to_lowercase().replace('_', "");
    SENSITIVE.contains(&name.as_str())
}

fn sees(audit: Audit<'_>, who: &Grantee, table: &Relation, column: &str) -> bool {
    match audit.access(who, table, Privilege::Select) {
        Access::No => false,
        Access::Columns(columns) => columns.iter().any(|one| one == column),
        Access::Whole => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, column, found, grant, table};
    use crate::schema::RowSecurity;

    #[test]
    fn fires_and_is_silent() {
        let mut bad = table("people");
        bad.columns = vec![column("id"), column("Password_Hash")];
        bad.row_security = RowSecurity::Off;
        bad.grants.push(grant("anon", Privilege::Select));
        assert_eq!(
            found(&RULE, &Sample::of([bad.clone()])),
            [
                "public.people: anon may read Password_Hash of public.people, which has no row-level \
              security"
            ]
        );
        bad.grants[0].column = Some("id".to_owned());
        assert!(found(&RULE, &Sample::of([bad])).is_empty());
    }
}
