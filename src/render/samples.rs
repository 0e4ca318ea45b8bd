//! Small reports that the tests render.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{DateTime, TimeZone, Utc};

use super::style::Style;
use crate::diagnostic::Severity;
use crate::migrator::report::{
    Blocker, DestinationView, LogEntry, NoticeReport, Operation, RevisionView, RunOutcome,
    RunReport, ScriptTransaction, StepReport, TransactionScope,
};
use crate::revision::{Direction, Label, RevisionId};

pub(super) const PLAIN: Style = Style {
    color: false,
    width: None,
    verbose: false,
};
pub(super) const VERBOSE: Style = Style {
    verbose: true,
    ..PLAIN
};

pub(super) fn id(text: &str) -> RevisionId {
    RevisionId::parse(text).unwrap()
}

pub(super) fn at(minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 22, 15, minute, 0).unwrap()
}

/// Revisions from `id | parents | dependencies | labels | message`, newest first.
pub(super) fn graph(lines: &[&str]) -> Vec<RevisionView> {
    let list = |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
    let mut views: Vec<RevisionView> = lines
        .iter()
        .map(|line| {
            let fields: Vec<&str> = line.split('|').map(str::trim).collect();
            let mut view =
                RevisionView::new(id(fields[0]), format!("versions/{}.up.sql", fields[0]));
            view.revises = list(fields[1]).iter().map(|parent| id(parent)).collect();
            view.depends_on = list(fields[2]);
            view.labels = list(fields[3])
                .iter()
                .map(|label| Label::parse(label).unwrap())
                .collect();
            view.message = Some(fields[4].to_owned()).filter(|message| !message.is_empty());
            view.has_down = true;
            view.is_base = view.revises.is_empty();
            view.is_merge_point = view.revises.len() > 1;
            view
        })
        .collect();
    let snapshot = views.clone();
    for view in &mut views {
        view.dependencies = view
            .depends_on
            .iter()
            .map(|name| {
                let carrier = snapshot.iter().find(|other| {
                    other.revision.as_str() == name
                        || other.labels.iter().any(|label| label.as_str() == name)
                });
                carrier.unwrap().revision.clone()
            })
            .collect();
    }
    let snapshot = views.clone();
    for view in &mut views {
        view.children = snapshot
            .iter()
            .filter(|other| other.revises.contains(&view.revision))
            .map(|other| other.revision.clone())
            .collect();
        view.is_head = view.children.is_empty();
        view.is_branch_point = view.children.len() > 1;
        view.is_effective_head = view.is_head
            && snapshot
                .iter()
                .any(|other| other.dependencies.contains(&view.revision));
    }
    views
}

/// Two bases, a fork, a merge, a dependency on a label and one on an id.
pub(super) fn sample() -> Vec<RevisionView> {
    let mut views = graph(&[
        "f6f6f6f6f6f6 | e5e5e5e5e5e5 | audit |  | send invoices by mail",
        "e5e5e5e5e5e5 | c3c3c3c3c3c3 d4d4d4d4d4d4 |  |  | merge billing and audit",
        "d4d4d4d4d4d4 | b2b2b2b2b2b2 | a0a0a0a0a0a0 |  | write an audit log",
        "c3c3c3c3c3c3 | b2b2b2b2b2b2 |  | billing | add invoices",
        "b2b2b2b2b2b2 | a1a1a1a1a1a1 |  |  | create the GRACE schema",
        "a0a0a0a0a0a0 |  |  | audit | roles for auditors",
        "a1a1a1a1a1a1 |  |  |  |",
    ]);
    views[3].created = Some(at(30));
    views[3].irreversible = Some("sent invoices cannot be unsent".to_owned());
    views[2].transaction = ScriptTransaction::Off;
    views[2].has_down = false;
    views[2].has_verify = true;
    views
}

/// The same as a database sees it: those of `rows` and what they imply are applied.
pub(super) fn applied(mut views: Vec<RevisionView>, rows: &[&str]) -> Vec<RevisionView> {
    let mut set: BTreeSet<RevisionId> = rows.iter().map(|row| id(row)).collect();
    for view in &mut views {
        view.is_current = Some(rows.contains(&view.revision.as_str()));
        view.applied = Some(set.contains(&view.revision));
        if set.contains(&view.revision) {
            set.extend(view.revises.iter().chain(&view.dependencies).cloned());
        }
    }
    views
}

pub(super) fn destination() -> DestinationView {
    DestinationView {
        name: None,
        database: "grace".to_owned(),
        url: "postgresql://grace@db.example/grace".to_owned(),
        embedded: false,
        version_table: "public.alembic_version".to_owned(),
    }
}

pub(super) fn step(direction: Direction, revision: &str, message: &str, ms: u64) -> StepReport {
    StepReport {
        direction,
        revision: id(revision),
        message: Some(message.to_owned()).filter(|message| !message.is_empty()),
        path: Some(PathBuf::from(format!("versions/{revision}.up.sql"))),
        transaction: ScriptTransaction::On,
        duration_ms: ms,
        attempts: 1,
        notices: Vec::new(),
        rows_after: vec![revision.to_owned()],
    }
}

/// An idle reader.
pub(super) fn blocker() -> Blocker {
    let text = |text: &str| Some(text.to_owned());
    Blocker {
        pid: 4711,
        user: text("maria"),
        application: text("psql"),
        client: text("10.0.0.7"),
        state: text("idle in transaction"),
        transaction_ms: Some(12_300),
        query: text("select * from notes"),
        wanted: text("AccessExclusiveLock"),
        held: text("AccessShareLock"),
        relation: text("public.notes"),
    }
}

/// A session at which we may not look, and which waits itself.
pub(super) fn hidden_blocker() -> Blocker {
    Blocker {
        pid: 4712,
        user: None,
        application: None,
        client: None,
        state: None,
        transaction_ms: None,
        query: None,
        held: None,
        ..blocker()
    }
}

pub(super) fn notice() -> NoticeReport {
    NoticeReport {
        severity: Severity::Note,
        level: "NOTICE".to_owned(),
        message: "table \"old\" does not exist, skipping".to_owned(),
        detail: None,
        hint: None,
        sqlstate: "00000".to_owned(),
        path: Some(PathBuf::from("versions/b2b2b2b2b2b2.up.sql")),
        line: Some(12),
    }
}

pub(super) fn run_report(operation: Operation, outcome: RunOutcome) -> RunReport {
    let mut first = step(
        Direction::Upgrade,
        "b2b2b2b2b2b2",
        "create the GRACE schema",
        12,
    );
    first.notices.push(notice());
    let mut warning = notice();
    warning.severity = Severity::Warning;
    warning.level = "WARNING".to_owned();
    warning.message = "there is no transaction in progress".to_owned();
    warning.hint = Some("begin\u{1b}[2J one".to_owned());
    first.notices.push(warning);
    RunReport {
        destination: destination(),
        operation,
        outcome,
        targets: vec!["head".to_owned()],
        run_id: Some("01k".to_owned()),
        tag: None,
        transaction: TransactionScope::Revision,
        from: vec!["a1a1a1a1a1a1".to_owned()],
        stands_at: vec!["c3c3c3c3c3c3".to_owned()],
        at_head: true,
        pending: 0,
        steps: vec![
            first,
            step(Direction::Upgrade, "c3c3c3c3c3c3", "add invoices", 1_240),
        ],
        adopted: Vec::new(),
        accepted_edits: Vec::new(),
        many_locks: None,
        rls_gate: None,
        duration_ms: 1_255,
    }
}

pub(super) fn log_entry(sequence: i64, direction: Direction, revision: &str) -> LogEntry {
    LogEntry {
        sequence,
        at: at(u32::try_from(sequence).unwrap()),
        direction,
        outcome: "applied".to_owned(),
        revision: revision.to_owned(),
        message: Some("create the GRACE schema".to_owned()),
        who: "grace_owner".to_owned(),
        from: Some("10.0.0.7".to_owned()),
        duration_ms: Some(12),
        run_id: Some("01k".to_owned()),
        tool_version: Some("0.1.0".to_owned()),
        tag: None,
    }
}
