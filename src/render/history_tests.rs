use insta::assert_snapshot;

use super::samples::{PLAIN, VERBOSE, applied, at, destination, graph, log_entry, sample};
use super::*;
use crate::migrator::report::{
    BranchPoint, Branches, Current, CurrentRow, DisagreementReport, Heads, History, RevisionDetail,
    RevisionView, ScriptKind, ScriptTransaction, ScriptView, Show,
};
use crate::revision::Direction;

fn report(revisions: Vec<RevisionView>) -> History {
    History {
        range: None,
        revisions,
        reverse: false,
        left_off: 0,
    }
}

#[test]
fn history_lines() {
    assert_snapshot!(history(&report(sample()), &PLAIN), @"
    e5e5e5e5e5e5 (audit) -> f6f6f6f6f6f6 (head), send invoices by mail
    c3c3c3c3c3c3, d4d4d4d4d4d4 -> e5e5e5e5e5e5 (mergepoint), merge billing and audit
    b2b2b2b2b2b2 (a0a0a0a0a0a0) -> d4d4d4d4d4d4, write an audit log
    b2b2b2b2b2b2 -> c3c3c3c3c3c3 (billing), add invoices
    a1a1a1a1a1a1 -> b2b2b2b2b2b2 (branchpoint), create the GRACE schema
    <base> -> a0a0a0a0a0a0 (audit) (effective head), roles for auditors
    <base> -> a1a1a1a1a1a1
    ");
    let seen = applied(sample(), &["c3c3c3c3c3c3", "a0a0a0a0a0a0"]);
    assert_snapshot!(history(&report(seen.clone()), &PLAIN), @"
    e5e5e5e5e5e5 (audit) -> f6f6f6f6f6f6 (head), send invoices by mail
    c3c3c3c3c3c3, d4d4d4d4d4d4 -> e5e5e5e5e5e5 (mergepoint), merge billing and audit
    b2b2b2b2b2b2 (a0a0a0a0a0a0) -> d4d4d4d4d4d4, write an audit log
    b2b2b2b2b2b2 -> c3c3c3c3c3c3 (billing) (current), add invoices
    a1a1a1a1a1a1 -> b2b2b2b2b2b2 (branchpoint), create the GRACE schema
    <base> -> a0a0a0a0a0a0 (audit) (effective head) (current), roles for auditors
    <base> -> a1a1a1a1a1a1
    ");
    let color = Style {
        color: true,
        ..PLAIN
    };
    let one = report(seen[3..4].to_vec());
    assert_snapshot!(history(&one, &color).replace('\u{1b}', "␛"), @"b2b2b2b2b2b2 -> ␛[33mc3c3c3c3c3c3␛[0m␛[35m (billing)␛[0m␛[1m␛[32m (current)␛[0m, add invoices");
    assert_eq!(history(&report(Vec::new()), &PLAIN), "");
}

#[test]
fn history_blocks() {
    let seen = applied(sample(), &["c3c3c3c3c3c3"]);
    assert_snapshot!(history(&report(seen[..5].to_vec()), &VERBOSE), @"
    Rev: f6f6f6f6f6f6 (head)
    Parent: e5e5e5e5e5e5
    Also depends on: audit
    Path: versions/f6f6f6f6f6f6.up.sql

        send invoices by mail

    Rev: e5e5e5e5e5e5 (mergepoint)
    Merges: c3c3c3c3c3c3, d4d4d4d4d4d4
    Path: versions/e5e5e5e5e5e5.up.sql

        merge billing and audit

    Rev: d4d4d4d4d4d4
    Parent: b2b2b2b2b2b2
    Also depends on: a0a0a0a0a0a0
    Path: versions/d4d4d4d4d4d4.up.sql
    Transaction: off
    Down script: none
    Verified: after its up script

        write an audit log

    Rev: c3c3c3c3c3c3 (current)
    Parent: b2b2b2b2b2b2
    Branch names: billing
    Path: versions/c3c3c3c3c3c3.up.sql
    Created: 2026-11-22 15:30:00Z
    Irreversible: sent invoices cannot be unsent

        add invoices

    Rev: b2b2b2b2b2b2 (branchpoint)
    Parent: a1a1a1a1a1a1
    Branches into: d4d4d4d4d4d4, c3c3c3c3c3c3
    Path: versions/b2b2b2b2b2b2.up.sql

        create the GRACE schema
    ");
}

#[test]
fn heads_and_branches() {
    let views = sample();
    let heads_report = Heads {
        heads: vec![views[0].clone(), views[5].clone()],
    };
    assert_snapshot!(heads(&heads_report, &PLAIN), @"
    f6f6f6f6f6f6 (head)
    a0a0a0a0a0a0 (audit) (effective head)
    ");
    let branches_report = Branches {
        branch_points: vec![BranchPoint {
            view: views[4].clone(),
            branches: vec![views[3].clone(), views[2].clone()],
        }],
    };
    assert_snapshot!(branches(&branches_report, &PLAIN), @"
    b2b2b2b2b2b2 (branchpoint)
                 -> c3c3c3c3c3c3 (billing)
                 -> d4d4d4d4d4d4
    ");
    assert_snapshot!(branches(&branches_report, &VERBOSE), @"
    Rev: b2b2b2b2b2b2 (branchpoint)
    Parent: a1a1a1a1a1a1
    Branches into: d4d4d4d4d4d4, c3c3c3c3c3c3
    Path: versions/b2b2b2b2b2b2.up.sql

        create the GRACE schema

                 -> c3c3c3c3c3c3 (billing), add invoices
                 -> d4d4d4d4d4d4, write an audit log
    ");
}

#[test]
fn show_has_scripts_and_records() {
    let seen = applied(sample(), &["c3c3c3c3c3c3"]);
    let detail = RevisionDetail {
        view: seen[3].clone(),
        digest: Some("ab".repeat(32)),
        scripts: vec![ScriptView {
            kind: ScriptKind::Up,
            path: "versions/c3c3c3c3c3c3.up.sql".into(),
            checksum: "cd".repeat(32),
            statements: 3,
            transaction: ScriptTransaction::Off,
            lock_timeout_ms: Some(10_000),
            statement_timeout_ms: None,
        }],
        last_record: Some(log_entry(3, Direction::Upgrade, "c3c3c3c3c3c3")),
    };
    let report = Show {
        revisions: vec![detail],
    };
    assert_snapshot!(show(&report, &PLAIN), @"
    Rev: c3c3c3c3c3c3 (current)
    Parent: b2b2b2b2b2b2
    Branch names: billing
    Path: versions/c3c3c3c3c3c3.up.sql
    Created: 2026-11-22 15:30:00Z
    Irreversible: sent invoices cannot be unsent
    Digest: abababababababababababababababababababababababababababababababab
    Applied: yes
    Last record: applied 2026-11-22 15:03:00Z by grace_owner in 12 ms
    Script: versions/c3c3c3c3c3c3.up.sql (3 statements, no transaction, lock timeout 10.00 s), checksum cdcdcdcdcdcd

        add invoices
    ");
    assert_snapshot!(json("show", &report), @r#"
    {
      "schema": 1,
      "command": "show",
      "revisions": [
        {
          "revision": "c3c3c3c3c3c3",
          "revises": [
            "b2b2b2b2b2b2"
          ],
          "depends_on": [],
          "dependencies": [],
          "children": [
            "e5e5e5e5e5e5"
          ],
          "labels": [
            "billing"
          ],
          "message": "add invoices",
          "created": "2026-11-22T15:30:00Z",
          "path": "versions/c3c3c3c3c3c3.up.sql",
          "is_head": false,
          "is_effective_head": false,
          "is_base": false,
          "is_branch_point": false,
          "is_merge_point": false,
          "is_current": true,
          "applied": true,
          "transaction": "on",
          "has_down": true,
          "has_verify": false,
          "irreversible": "sent invoices cannot be unsent",
          "digest": "abababababababababababababababababababababababababababababababab",
          "scripts": [
            {
              "kind": "up",
              "path": "versions/c3c3c3c3c3c3.up.sql",
              "checksum": "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
              "statements": 3,
              "transaction": "off",
              "lock_timeout_ms": 10000,
              "statement_timeout_ms": null
            }
          ],
          "last_record": {
            "sequence": 3,
            "at": "2026-11-22T15:03:00Z",
            "direction": "upgrade",
            "outcome": "applied",
            "revision": "c3c3c3c3c3c3",
            "message": "create the GRACE schema",
            "who": "grace_owner",
            "from": "10.0.0.7",
            "duration_ms": 12,
            "run_id": "01k",
            "tool_version": "0.1.0",
            "tag": null
          }
        }
      ]
    }
    "#);
}

fn current_report(rows: &[&str]) -> Current {
    let views = applied(sample(), rows);
    Current {
        destination: destination(),
        rows: rows
            .iter()
            .map(|row| CurrentRow {
                version_num: (*row).to_owned(),
                revision: views
                    .iter()
                    .find(|view| view.revision.as_str() == *row)
                    .cloned(),
                digest: Some("ab".repeat(32)),
                recorded_digest: None,
                differs_at: None,
            })
            .collect(),
        implied: Vec::new(),
        at_head: false,
        heads: vec![views[0].revision.clone()],
        pending: 3,
        has_version_table: true,
        has_history: true,
        to_adopt: 0,
        disagreements: Vec::new(),
    }
}

#[test]
fn current_lines() {
    let mut report = current_report(&["d4d4d4d4d4d4"]);
    report.implied = vec![sample()[5].clone()];
    assert_snapshot!(current(&report, &PLAIN), @"
    d4d4d4d4d4d4
    a0a0a0a0a0a0 (effective head) (implied by a dependency)
    ");
    assert_snapshot!(current(&report, &VERBOSE), @"
    Current revision(s) for postgresql://grace@db.example/grace:
    Rev: d4d4d4d4d4d4 (current)
    Parent: b2b2b2b2b2b2
    Also depends on: a0a0a0a0a0a0
    Path: versions/d4d4d4d4d4d4.up.sql
    Transaction: off
    Down script: none
    Verified: after its up script
    Digest: abababababab

        write an audit log

    Rev: a0a0a0a0a0a0 (effective head)
    Parent: <base>
    Branch names: audit
    Path: versions/a0a0a0a0a0a0.up.sql

        roles for auditors
    ");
    assert_snapshot!(current_summary(&report, &PLAIN), @"3 revisions pending, up to f6f6f6f6f6f6");

    report.rows[0].revision = None;
    report.rows[0].version_num = "gone\u{1b}[2J".to_owned();
    report.to_adopt = 2;
    report.disagreements = vec![DisagreementReport::UnknownRow {
        row: "gone".to_owned(),
        message: None,
        down_script: false,
    }];
    assert_snapshot!(current(&report, &PLAIN), @"
    gone␛[2J (no file knows it)
    a0a0a0a0a0a0 (effective head) (implied by a dependency)
    ");
    assert_snapshot!(current_summary(&report, &PLAIN), @"
    error[unknown-row]: the version table holds `gone`, which no revision file knows
    help: restore its file: it may be on another branch of your repository
    2 revisions applied by another tool: the next run adopts them
    3 revisions pending, up to f6f6f6f6f6f6
    ");
}

#[test]
fn current_digests() {
    let mut report = current_report(&["f6f6f6f6f6f6"]);
    let mut line = |recorded: Option<&str>, differs_at| {
        report.rows[0].recorded_digest = recorded.map(|digits| digits.repeat(32));
        report.rows[0].differs_at = differs_at;
        let shown = current(&report, &VERBOSE);
        let line = shown.lines().find(|line| line.starts_with("Digest"));
        line.unwrap_or_default().to_owned()
    };
    let first = sample()[5].revision.clone();
    let lines = [
        line(None, None),
        line(Some("ab"), None),
        line(Some("cd"), Some(first)),
    ];
    assert_snapshot!(lines.join("\n"), @"
    Digest: abababababab
    Digest: abababababab (the history says the same)
    Digest: abababababab (the history says cdcdcdcdcdcd: it differs from the files at a0a0a0a0a0a0)
    ");
}

#[test]
fn current_ends() {
    let mut report = current_report(&[]);
    assert_eq!(current(&report, &PLAIN), "");
    assert_snapshot!(current_summary(&report, &PLAIN), @"
    nothing is applied to database `grace`: its version table is empty
    3 revisions pending, up to f6f6f6f6f6f6
    ");
    report = current_report(&["f6f6f6f6f6f6"]);
    report.at_head = true;
    report.pending = 0;
    assert_snapshot!(current(&report, &PLAIN), @"f6f6f6f6f6f6 (head)");
    assert_snapshot!(current_summary(&report, &PLAIN), @"database `grace` is at head");
}

#[test]
fn json_of_a_revision() {
    let mut views = graph(&["aaaa |  |  | one | <first> \"message\""]);
    views[0].created = Some(at(0));
    assert_snapshot!(json("history", &report(views)), @r#"
    {
      "schema": 1,
      "command": "history",
      "range": null,
      "revisions": [
        {
          "revision": "aaaa",
          "revises": [],
          "depends_on": [],
          "dependencies": [],
          "children": [],
          "labels": [
            "one"
          ],
          "message": "<first> \"message\"",
          "created": "2026-11-22T15:00:00Z",
          "path": "versions/aaaa.up.sql",
          "is_head": true,
          "is_effective_head": false,
          "is_base": true,
          "is_branch_point": false,
          "is_merge_point": false,
          "is_current": null,
          "applied": null,
          "transaction": "on",
          "has_down": true,
          "has_verify": false,
          "irreversible": null
        }
      ],
      "reverse": false,
      "left_off": 0
    }
    "#);
}
