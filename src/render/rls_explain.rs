//! `rls explain`: the chain as numbered links, and the answer.

use super::frame::facts;
use super::plain;
use super::style::{Role, Style};
use super::words::{comma, plural};
use crate::migrator::report::{ColumnValue, RlsExplain};
use crate::rls::explain::{
    AskedOn, Attempted, Binding, Cost, DecidedBy, Gate, GateKind, Holder, NeededRight,
    NotAttempted, RightReach, Runs, Through, Verdict, WhyCopy,
};
use crate::schema::{PolicyKind, Privilege, RowSecurity};

mod answer;
mod conditions;

/// `rls explain`: who asks what, each link of the chain with its verdict, the answer, the cost.
#[must_use]
pub fn rls_explain(report: &RlsExplain, style: &Style) -> String {
    let mut out = Pages {
        style,
        text: String::new(),
        number: 0,
    };
    out.text
        .push_str(&style.paint(Role::Title, &question(report)));
    out.text.push_str("\n\n");
    rights(&mut out, report);
    if report.rights.iter().all(NeededRight::is_held) && !is_gone(report) {
        binding(&mut out, report);
        for gate in &report.gates {
            self::gate(&mut out, report, gate);
        }
    }
    attempted(&mut out, report);
    let mut text = out.text;
    text.push('\n');
    text.push_str(&answer::answer(report, style));
    if let Some(cost) = &report.cost {
        text.push('\n');
        text.push_str(&self::cost(cost));
    }
    text
}

/// What is built up.
struct Pages<'s> {
    style: &'s Style,
    text: String,
    number: usize,
}

impl Pages<'_> {
    /// `2. row-level security: asked`
    fn link(&mut self, what: &str, verdict: &str, role: Role) {
        self.number += 1;
        let verdict = self.style.paint(role, verdict);
        self.text
            .push_str(&format!("{}. {what}: {verdict}\n", self.number));
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(&format!("   {text}\n"));
    }
}

fn is_gone(report: &RlsExplain) -> bool {
    report.answer.verdict == Verdict::NoSuchRow
}

/// `carl (authenticated, sub 7): select on public.notes, the row id = 7`
fn question(report: &RlsExplain) -> String {
    let actor = &report.actor;
    let sub = actor.claims.as_ref().and_then(|claims| claims.get("sub"));
    let sub = match (sub.and_then(|sub| sub.as_str()), &actor.claims) {
        (Some(sub), _) => format!(", sub {sub}"),
        (None, Some(_)) => ", no sub".to_owned(),
        (None, None) => ", no claims".to_owned(),
    };
    let who = if actor.name == actor.role {
        format!("{}{sub}", actor.role)
    } else {
        format!("{} ({}{sub})", actor.name, actor.role)
    };
    let which = match (report.sql_command, report.row.as_slice()) {
        (Privilege::Insert, _) => "a new row".to_owned(),
        (_, []) => "every row".to_owned(),
        (_, row) => format!("{} {}", the_row(report), values(row)),
    };
    let with = if report.set.is_empty() {
        String::new()
    } else {
        format!(", with {}", values(&report.set))
    };
    let returned = if report.returning { ", returned" } else { "" };
    let text = format!(
        "{who}: {} on {}, {which}{with}{returned}",
        report.sql_command, report.table
    );
    plain::line(&text).into_owned()
}

/// `the row`, or `the rows with` where there are several.
fn the_row(report: &RlsExplain) -> &'static str {
    if report.answer.of.is_none_or(|of| of < 2) {
        "the row"
    } else {
        "the rows with"
    }
}

fn values(values: &[ColumnValue]) -> String {
    comma(values.iter().map(|one| {
        let value = one.value.as_deref().unwrap_or("null");
        format!("{} = {value}", one.column)
    }))
}

fn rights(out: &mut Pages<'_>, report: &RlsExplain) {
    let held = report.rights.iter().all(NeededRight::is_held);
    match held {
        true => out.link("rights", "granted", Role::Good),
        false => out.link("rights", "missing", Role::Gone),
    }
    let rows: Vec<Vec<String>> = report
        .rights
        .iter()
        .map(|right| {
            let what = format!("{} on {}", right.privilege, right.object);
            vec![what, right_words(right, report)]
        })
        .collect();
    facts(&mut out.text, &rows, "   ");
}

fn right_words(right: &NeededRight, report: &RlsExplain) -> String {
    let holders = comma(right.holders.iter().map(holder));
    if right.reach == RightReach::None {
        return format!(
            "not granted: neither to {}, nor to public, nor to a role that it has the rights of",
            report.actor.role
        );
    }
    let columns = right.columns.as_ref();
    let columns = columns.map(|columns| format!(", for the columns {}", comma(columns)));
    let mut words = format!("{holders}{}", columns.unwrap_or_default());
    if !right.missing_columns.is_empty() {
        words.push_str(&format!("; not for {}", comma(&right.missing_columns)));
    }
    words
}

fn holder(holder: &Holder) -> String {
    match holder.through {
        Through::Superuser => format!("{} is a superuser, and needs none", holder.grantee),
        Through::Role => format!("granted to {}", holder.grantee),
        Through::Member => format!("granted to {}, whose rights it has", holder.grantee),
        Through::Public => "granted to public".to_owned(),
    }
}

fn binding(out: &mut Pages<'_>, report: &RlsExplain) {
    let role = &report.actor.role;
    let why = match report.binding {
        Binding::Asked => match report.row_security {
            RowSecurity::Forced => format!("it is forced, and {role} does not bypass it"),
            _ => format!("it is on, and {role} neither bypasses it nor owns the table"),
        },
        Binding::Off => {
            "it is off: the table's policies, if there are any, mean nothing".to_owned()
        }
        Binding::Superuser => format!("{role} is a superuser"),
        Binding::Bypassrls => format!("{role} has BYPASSRLS"),
        Binding::Owner => format!(
            "{} owns the table, and policies are not forced on it",
            report.owner
        ),
    };
    match report.binding {
        Binding::Asked => out.link("row-level security", "policies are asked", Role::Note),
        _ => out.link("row-level security", "no policy is asked", Role::Good),
    }
    out.line(&why);
    if let Some(parent) = &report.partition_of {
        out.line(&format!(
            "the policies of {parent}, of which it is a partition, are not asked here"
        ));
    }
}

fn gate(out: &mut Pages<'_>, report: &RlsExplain, gate: &Gate) {
    let what = match gate.kind {
        GateKind::Read => "policies for select, which rows are there".to_owned(),
        GateKind::Reach => format!("policies for {}, which rows it reaches", gate.command),
        GateKind::Write => format!("policies for {}, what may be written", gate.command),
        GateKind::ReadBack => "policies for select, whether it is there afterwards".to_owned(),
    };
    let (verdict, role) = verdict(gate, is_one(report, gate));
    out.link(&what, &verdict, role);
    if let Some(words) = asked_on(gate) {
        out.line(&words);
    }
    let kinds = [
        (
            PolicyKind::Permissive,
            "permissive, of which one must say yes",
        ),
        (
            PolicyKind::Restrictive,
            "restrictive, of which each must say yes",
        ),
    ];
    for (kind, title) in kinds {
        let mut policies = gate
            .policies
            .iter()
            .filter(|one| one.kind == kind)
            .peekable();
        match (policies.peek(), kind) {
            (None, PolicyKind::Permissive) => out.line("permissive: none is there, so no row is"),
            (None, PolicyKind::Restrictive) => {}
            (Some(_), _) => out.line(&format!("{title}:")),
        }
        let rows: Vec<Vec<String>> = policies
            .flat_map(|one| conditions::policy(one, gate))
            .collect();
        facts(&mut out.text, &rows, "     ");
    }
    if !gate.for_others.is_empty() {
        let others = gate.for_others.iter();
        let others = others.map(|one| format!("{} (to {})", one.name, comma(&one.roles)));
        out.line(&format!(
            "not asked, being for other roles: {}",
            comma(others)
        ));
    }
}

/// Where the policies were asked, unless it is the table itself.
fn asked_on(gate: &Gate) -> Option<String> {
    Some(match &gate.asked_on {
        AskedOn::Table => return None,
        AskedOn::Copy { why } => match why {
            WhyCopy::NewRows => return None,
            WhyCopy::Production => {
                "asked on a copy of the rows: the table of a database like this is not locked"
                    .to_owned()
            }
            WhyCopy::NotOwner => {
                "asked on a copy of the rows: the migrating role does not own the table".to_owned()
            }
            WhyCopy::Refused { message } => {
                format!("asked on a copy of the rows: {}", plain::line(message))
            }
        },
        AskedOn::Nothing { reason } => format!("cannot be asked: {}", plain::line(reason)),
    })
}

fn is_one(report: &RlsExplain, gate: &Gate) -> bool {
    gate.of == Some(1) && (!report.row.is_empty() || report.sql_command == Privilege::Insert)
}

fn verdict(gate: &Gate, one: bool) -> (String, Role) {
    if let Some(error) = &gate.error {
        return (format!("they fail: {}", plain::line(error)), Role::Gone);
    }
    let (Some(of), Some(passed)) = (gate.of, gate.passed) else {
        return ("not known".to_owned(), Role::Warning);
    };
    match (one, passed) {
        (true, 0) => ("no".to_owned(), Role::Gone),
        (true, _) => ("yes".to_owned(), Role::Good),
        (false, passed) => {
            let words = format!("{passed} of {}", rows(of));
            (
                words,
                if passed == 0 && of > 0 {
                    Role::Gone
                } else {
                    Role::Good
                },
            )
        }
    }
}

/// `1 row`, `5 rows`
fn rows(count: u64) -> String {
    plural(usize::try_from(count).unwrap_or(usize::MAX), "row", "rows")
}

fn attempted(out: &mut Pages<'_>, report: &RlsExplain) {
    match &report.attempted {
        Attempted::Rows { rows: count } => {
            let role = if *count == 0 { Role::Gone } else { Role::Good };
            out.link("the command itself", &rows(*count), role);
        }
        Attempted::Refused { message } => {
            out.link("the command itself", "refused", Role::Gone);
            out.line(&plain::line(message));
        }
        Attempted::Failed { sqlstate, message } => {
            let by_policies = DecidedBy::Attempt == report.answer.decided_by
                || matches!(report.answer.decided_by, DecidedBy::Error { .. });
            let verdict = if by_policies {
                "failed"
            } else {
                "let through, and failed for another reason"
            };
            out.link("the command itself", verdict, Role::Warning);
            out.line(&format!("{sqlstate}: {}", plain::line(message)));
        }
        Attempted::Not { why } => {
            out.link("the command itself", "not tried", Role::Note);
            out.line(match why {
                NotAttempted::Production => "the database is one that nothing is written to",
                NotAttempted::NothingToSet => "there is no column that the role may set",
            });
        }
    }
}

fn cost(cost: &Cost) -> String {
    let mut out = format!("cost: {:.2} with policies", cost.with_policies);
    if let Some(without) = cost.without_policies {
        out.push_str(&format!(", {without:.2} without"));
    }
    out.push('\n');
    for scan in &cost.scans {
        let within = scan.sub_plan.as_ref().map(|name| format!(", in {name}"));
        out.push_str(&format!(
            "  {} is read from beginning to end (about {} rows{}): a policy does that\n",
            scan.relation,
            scan.estimated_rows,
            within.unwrap_or_default()
        ));
    }
    for plan in &cost.sub_plans {
        if plan.runs == Runs::EachRow {
            out.push_str(&format!("  {} runs again for each row\n", plan.name));
        }
    }
    out
}
