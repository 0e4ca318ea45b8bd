//! What decides who reaches what, as statements that are the same wherever the same was granted.

use std::collections::BTreeMap;

use crate::schema::{Grantee, Policy, PolicyKind, Privilege, Relation, RowSecurity};
use crate::sql::{QualifiedName, quote_ident};

/// The state of row-level security, the rights of PUBLIC and of these roles, and every policy of a
/// table, each as the SQL that makes it, without the `;`. Who owns the table and which role has
/// BYPASSRLS is left out: it differs from one server to the next and is not the table's.
#[must_use]
pub fn pinned(table: &Relation, api_roles: &[String]) -> Vec<String> {
    let name = &table.name;
    let mut statements = vec![match table.row_security {
        RowSecurity::Off => format!("alter table {name} disable row level security"),
        RowSecurity::On => format!("alter table {name} enable row level security"),
        RowSecurity::Forced => {
            format!("alter table {name} enable row level security, force row level security")
        }
        RowSecurity::OffButForced => {
            format!("alter table {name} disable row level security, force row level security")
        }
    }];
    statements.extend(grants(table, api_roles));
    statements.extend(table.policies.iter().map(|one| policy(name, one)));
    statements
}

fn grants(table: &Relation, api_roles: &[String]) -> Vec<String> {
    let is_pinned = |grantee: &Grantee| match grantee {
        Grantee::Public => true,
        // The owner's own rights come with the table.
        Grantee::Role(role) => api_roles.contains(role) && *role != table.owner,
    };
    let mut all: BTreeMap<&Grantee, BTreeMap<Privilege, Vec<&String>>> = BTreeMap::new();
    for grant in table.grants.iter().filter(|one| is_pinned(&one.grantee)) {
        let columns = all.entry(&grant.grantee).or_default();
        columns
            .entry(grant.privilege)
            .or_default()
            .extend(&grant.column);
    }
    // A right to the whole table has no columns; one to both is the whole table's.
    let whole = |grantee: &Grantee, privilege: Privilege| {
        table.grants.iter().any(|one| {
            one.grantee == *grantee && one.privilege == privilege && one.column.is_none()
        })
    };
    all.into_iter()
        .map(|(grantee, privileges)| {
            let rights: Vec<String> = privileges
                .into_iter()
                .map(|(privilege, columns)| {
                    if columns.is_empty() || whole(grantee, privilege) {
                        return privilege.to_string();
                    }
                    let in_order = table.columns.iter().map(|column| &column.name);
                    let columns: Vec<String> = in_order
                        .filter(|name| columns.contains(name))
                        .map(|name| quote_ident(name))
                        .collect();
                    format!("{privilege} ({})", columns.join(", "))
                })
                .collect();
            format!("grant {} on {} to {grantee}", rights.join(", "), table.name)
        })
        .collect()
}

fn policy(table: &QualifiedName, policy: &Policy) -> String {
    let mut roles: Vec<String> = policy.roles.iter().map(ToString::to_string).collect();
    roles.sort_unstable();
    let restrictive = match policy.kind {
        PolicyKind::Permissive => "",
        PolicyKind::Restrictive => " as restrictive",
    };
    let mut sql = format!(
        "create policy {} on {table}{restrictive} for {} to {}",
        quote_ident(&policy.name),
        policy.command,
        roles.join(", ")
    );
    for (clause, expression) in policy.expressions() {
        let clause = clause.to_lowercase();
        let expression = &expression.sql;
        // What is no single call or comparison comes in parentheses of its own.
        let bare = !is_enclosed(expression);
        let (open, close) = if bare { ("(", ")") } else { ("", "") };
        sql.push_str(&format!("\n    {clause} {open}{expression}{close}"));
    }
    sql
}

/// Whether the first parenthesis is closed by the last character. Tokens are looked at, so that a
/// parenthesis in a literal counts for nothing.
fn is_enclosed(expression: &str) -> bool {
    let mut depth = 0_usize;
    for token in crate::sql::tokenize(expression) {
        match token.text(expression) {
            "(" => depth += 1,
            ")" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return expression.starts_with('(') && token.span.end == expression.len();
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{column, grant, policy, table};
    use crate::schema::{Expression, Grant, PolicyCommand};

    fn sql(text: &str) -> Option<Expression> {
        Some(Expression {
            sql: text.to_owned(),
            ..Expression::default()
        })
    }

    #[test]
    fn what_decides_and_nothing_of_the_server() {
        let mut notes = table("Notes");
        notes.row_security = RowSecurity::Forced;
        notes.columns = vec![column("id"), column("Body"), column("owner_id")];
        let of_column = |role: &str, privilege, name: &str| Grant {
            column: Some(name.to_owned()),
            ..grant(role, privilege)
        };
        notes.grants = vec![
            // The owner's, and those of a role that is not the API's.
            grant("owner", Privilege::Select),
            grant("reporting", Privilege::Select),
            Grant {
                grantee: Grantee::Public,
                ..grant("", Privilege::References)
            },
            grant("authenticated", Privilege::Select),
            of_column("authenticated", Privilege::Select, "id"),
            of_column("authenticated", Privilege::Update, "owner_id"),
            of_column("authenticated", Privilege::Update, "Body"),
        ];
        notes.policies = vec![
            Policy {
                command: PolicyCommand::Update,
                roles: vec![Grantee::role("b"), Grantee::role("A")],
                using: sql("(owner_id = uid())"),
                check: sql("(a) OR (b)"),
                ..policy("mine")
            },
            Policy {
                kind: PolicyKind::Restrictive,
                using: sql("true"),
                ..policy("never")
            },
        ];
        let api_roles = ["authenticated", "owner"].map(str::to_owned);
        insta::assert_snapshot!(pinned(&notes, &api_roles).join(";\n"), @r#"
        alter table public."Notes" enable row level security, force row level security;
        grant references on public."Notes" to public;
        grant select, update ("Body", owner_id) on public."Notes" to authenticated;
        create policy mine on public."Notes" for update to "A", b
            using (owner_id = uid())
            with check ((a) OR (b));
        create policy never on public."Notes" as restrictive for all to public
            using (true)
        "#);
    }

    #[test]
    fn parentheses() {
        for (text, enclosed) in [
            ("(a = b)", true),
            ("(a = ')')", true),
            ("((a) and (b))", true),
            ("(a) and (b)", false),
            ("true", false),
            ("f(a)", false),
        ] {
            assert_eq!(is_enclosed(text), enclosed, "{text}");
        }
    }
}
