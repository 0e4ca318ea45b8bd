//! `rls status`: a table of tables, and what each role of the API may do with each.

use super::plain;
use super::style::{Role, Style};
use super::table::{Column, table};
use super::words::{comma, plural};
use crate::migrator::report::RlsStatus;
use crate::rls::{Bypass, CommandStatus, Outcome, RoleStatus, TableRole, TableStatus};
use crate::schema::{Privilege, RowSecurity};

/// `rls status`: for each table whether policies are asked, and who may do what.
#[must_use]
pub fn rls_status(report: &RlsStatus, style: &Style) -> String {
    if report.tables.is_empty() {
        return format!(
            "no table in {}\n",
            comma(report.schemas.iter().map(|name| plain::line(name)))
        );
    }
    let columns = [
        Column::Whole("Table"),
        Column::Whole("RLS"),
        Column::Text("Owner"),
        Column::Whole("Role"),
        Column::Text("May"),
    ];
    let rows = report.tables.iter().flat_map(rows);
    table(&columns, rows, style)
}

pub(super) fn warning(text: &str, style: &Style) -> String {
    format!("{}: {text}\n", style.paint(Role::Warning, "warning"))
}

/// That schemas which were asked for are not there.
pub(super) fn missing_schemas(names: &[String], style: &Style) -> String {
    let told = |name: &String| format!("there is no schema `{}`", plain::line(name));
    names
        .iter()
        .map(|name| warning(&told(name), style))
        .collect()
}

/// What `rls status` says beside its table: how many there are, and what is out of the ordinary.
#[must_use]
pub fn rls_status_summary(report: &RlsStatus, style: &Style) -> String {
    let warn = |text: &str| warning(text, style);
    let mut out = missing_schemas(&report.missing_schemas, style);
    let absent: Vec<&RoleStatus> = report.roles.iter().filter(|role| !role.exists).collect();
    if !absent.is_empty() {
        let names = comma(absent.iter().map(|role| plain::line(&role.name)));
        out.push_str(&warn(&format!("the server has no role {names}")));
    }
    let off = report
        .tables
        .iter()
        .filter(|table| !table.row_security.is_on())
        .count();
    out.push_str(&plural(report.tables.len(), "table", "tables"));
    match off {
        0 => out.push_str(", RLS is on for each\n"),
        off => out.push_str(&format!(", {off} without RLS\n")),
    }
    out
}

fn rows(table: &TableStatus) -> Vec<Vec<String>> {
    let mut name = table.table.to_string();
    if let Some(parent) = &table.partition_of {
        name.push_str(&format!("\npartition of {parent}"));
    }
    let rls = match table.row_security {
        RowSecurity::OffButForced => "off\n(forced)".to_owned(),
        rls => rls.to_string(),
    };
    let owner = match table.owner_bypass {
        None => format!("{}\nis bound", table.owner),
        Some(Bypass::Owner) => table.owner.clone(),
        Some(bypass) => format!("{}\n{}", table.owner, above(bypass)),
    };
    let mut first = vec![name, rls, owner];
    if table.roles.is_empty() {
        first.extend([String::new(), String::new()]);
        return vec![first];
    }
    table
        .roles
        .iter()
        .map(|role| {
            let mut row = std::mem::replace(&mut first, vec![String::new(); 3]);
            row.extend([role.role.clone(), may(table, role)]);
            row
        })
        .collect()
}

fn above(bypass: Bypass) -> &'static str {
    match bypass {
        Bypass::Superuser => "superuser",
        Bypass::Bypassrls => "BYPASSRLS",
        Bypass::Owner => "owner",
    }
}

/// A line for each command, those of one outcome together where no policy is asked.
fn may(table: &TableStatus, role: &TableRole) -> String {
    let granted = |one: &&CommandStatus| one.outcome != Outcome::NotGranted;
    if !role.commands.iter().any(|one| granted(&one)) {
        return nothing(role);
    }
    let mut lines = Vec::new();
    if !role.schema_usage {
        lines.push("nothing: it may not look into the schema".to_owned());
    }
    let unbound: Vec<String> = role
        .commands
        .iter()
        .filter(|one| one.outcome == Outcome::Unbound && !past_any_policy(table, role, one))
        .map(command)
        .collect();
    if !unbound.is_empty() {
        let why = match role.bypass {
            Some(bypass) => above(bypass),
            None => "RLS is off",
        };
        lines.push(format!("{}: every row ({why})", unbound.join(", ")));
    }
    for one in &role.commands {
        let name = command(one);
        match one.outcome {
            Outcome::Unbound if past_any_policy(table, role, one) => {
                lines.push(format!("{name}: every row (no policy governs it)"));
            }
            Outcome::Unbound => {}
            Outcome::ByPolicies => lines.push(format!("{name}: {}", policies(one))),
            Outcome::NoPolicy => lines.push(format!("{name}: no row (no policy)")),
            Outcome::NotGranted => {
                lines.push(format!("{name}: refused, not granted ({})", policies(one)));
            }
        }
    }
    lines.join("\n")
}

fn nothing(role: &TableRole) -> String {
    let policies: Vec<String> = role.commands.iter().map(policies).collect();
    if policies.is_empty() {
        "nothing".to_owned()
    } else {
        let mut named = policies;
        named.dedup();
        format!("nothing, not granted ({})", named.join(", "))
    }
}

/// TRUNCATE of a table whose policies bind the role otherwise.
fn past_any_policy(table: &TableStatus, role: &TableRole, one: &CommandStatus) -> bool {
    one.command == Privilege::Truncate && table.row_security.is_on() && role.bypass.is_none()
}

fn command(one: &CommandStatus) -> String {
    match &one.columns {
        None => one.command.to_string(),
        Some(columns) => format!("{} ({})", one.command, columns.join(", ")),
    }
}

/// `own or shared, and not_deleted`
fn policies(one: &CommandStatus) -> String {
    let mut text = one.permissive.join(" or ");
    for name in &one.restrictive {
        text.push_str(&format!(", and {name}"));
    }
    text
}
