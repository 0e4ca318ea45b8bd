//! `rls close` and `rls open`: whose rights went or came, and the SQL that undoes it.

use std::collections::BTreeMap;

use super::frame::facts;
use super::plain;
use super::rls_status::warning;
use super::style::{Role, Style};
use super::words::comma;
use crate::migrator::report::{ClosedTable, RlsClose, RlsOpen, Shown};
use crate::rls::privileges;
use crate::schema::{AclItem, Grantee};
use crate::sql::QualifiedName;

/// `rls close`: what was taken from whom, and the SQL that undoes it.
#[must_use]
pub fn rls_close(report: &RlsClose, style: &Style) -> String {
    if report.revoked.is_empty() {
        return format!("nothing to do: {} closed already\n", are(&report.tables));
    }
    let done = if report.dry_run {
        "would close"
    } else {
        "closed"
    };
    let mut out = format!(
        "{}\n",
        style.paint(Role::Title, &format!("{done} {}", names(&report.tables)))
    );
    rights(&mut out, &report.revoked);
    if report.dry_run {
        out.push_str("\nthe statements:\n\n");
        script(&mut out, &report.sql);
    }
    out.push_str("\nwhat undoes it:\n\n");
    script(&mut out, &report.undo);
    out
}

/// What `rls close` says beside that: what stays, what shows the rows all the same, and where it is
/// written down.
#[must_use]
pub fn rls_close_summary(report: &RlsClose, style: &Style) -> String {
    let mut out = String::new();
    for one in &report.still_shown {
        out.push_str(&warning(&plain::line(&shown(one)), style));
    }
    let views: Vec<String> = report
        .still_shown
        .iter()
        .filter(|one| one.kind != "function")
        .map(|one| plain::line(&one.by).into_owned())
        .collect();
    if !views.is_empty() {
        let mut once = views;
        once.sort();
        once.dedup();
        let hint = style.paint(Role::Hint, "hint");
        out.push_str(&format!(
            "{hint}: close them too: `grace-migrate rls close {}`\n",
            once.join(" ")
        ));
    }
    if let Some(reason) = &report.not_recorded {
        let text = format!(
            "the log does not have it ({}): keep the SQL that undoes it",
            plain::line(reason)
        );
        out.push_str(&warning(&text, style));
    }
    let mut keepers: Vec<String> = report
        .kept
        .iter()
        .map(|one| one.grantee.to_string())
        .collect();
    keepers.sort();
    keepers.dedup();
    if !keepers.is_empty() {
        out.push_str(&format!("rights kept: {}\n", plain::line(&comma(keepers))));
    }
    if report.revoked.is_empty() {
        return out;
    }
    if report.dry_run {
        out.push_str("nothing was changed: it was tried, and rolled back\n");
    } else if report.not_recorded.is_none() {
        out.push_str(&format!(
            "in the log: `grace-migrate log -v`; to undo it: `grace-migrate rls open {}`\n",
            names(&report.tables).replace(", ", " ")
        ));
    }
    out
}

/// `rls open`: what was given back to whom.
#[must_use]
pub fn rls_open(report: &RlsOpen, style: &Style) -> String {
    let done = if report.dry_run {
        "would open"
    } else {
        "opened"
    };
    let mut out = format!(
        "{}\n",
        style.paint(Role::Title, &format!("{done} {}", names(&report.tables)))
    );
    rights(&mut out, &report.granted);
    if report.granted.is_empty() {
        out.push_str("  every right was there already\n");
    }
    if report.dry_run {
        out.push_str("\nthe statements:\n\n");
        script(&mut out, &report.sql);
    }
    out
}

/// What `rls open` says beside that: which tables no policy keeps.
#[must_use]
pub fn rls_open_summary(report: &RlsOpen, style: &Style) -> String {
    let mut out = String::new();
    for table in &report.tables {
        let open = table.kind.has_policies() && !table.row_security;
        if open && report.granted.iter().any(|one| one.relation == table.table) {
            let text = format!(
                "row-level security is off on {}: whoever has a right to it has it to every row",
                plain::line(&table.table.to_string())
            );
            out.push_str(&warning(&text, style));
        }
    }
    if report.dry_run {
        out.push_str("nothing was changed: it was tried, and rolled back\n");
    }
    out
}

fn names(tables: &[ClosedTable]) -> String {
    plain::line(&comma(tables.iter().map(|one| &one.table))).into_owned()
}

fn are(tables: &[ClosedTable]) -> String {
    let verb = if tables.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names(tables))
}

/// Rows of table, role and rights, each table and role once.
fn rights(out: &mut String, items: &[AclItem]) {
    let mut rights: BTreeMap<(&QualifiedName, &Grantee), Vec<&AclItem>> = BTreeMap::new();
    for item in items {
        let key = (&item.relation, &item.grantee);
        rights.entry(key).or_default().push(item);
    }
    let mut last = None;
    let rows: Vec<Vec<String>> = rights
        .into_iter()
        .map(|((relation, grantee), items)| {
            let table = if last == Some(relation) {
                String::new()
            } else {
                relation.to_string()
            };
            last = Some(relation);
            vec![table, grantee.to_string(), privileges(&items)]
        })
        .collect();
    facts(out, &rows, "  ");
}

/// Statements for one transaction.
fn script(out: &mut String, statements: &[String]) {
    out.push_str("begin;\n");
    for statement in statements {
        out.push_str(&format!("{}\n", plain::block(statement)));
    }
    out.push_str("commit;\n");
}

fn shown(one: &Shown) -> String {
    let to = one.roles.join(", ");
    match (one.kind.as_str(), one.certain) {
        ("function", true) => {
            format!(
                "{} runs with its owner's rights and reads {}: {to} may call it",
                one.by, one.relation
            )
        }
        ("function", false) => format!(
            "{} runs with its owner's rights and names {}: {to} may call it",
            one.by, one.relation.name
        ),
        ("table", _) => {
            format!(
                "{} is part of {}, which {to} may read",
                one.relation, one.by
            )
        }
        (kind, _) => format!("the {kind} {} still shows {} to {to}", one.by, one.relation),
    }
}
