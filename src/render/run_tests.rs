use insta::assert_snapshot;

use super::samples::{
    PLAIN, VERBOSE, at, blocker, destination, hidden_blocker, id, log_entry, notice, run_report,
    step,
};
use super::*;
use crate::diagnostic::Diagnostic;
use crate::migrator::report::{
    Event, GateMatrix, LockEstimate, LockHolder, LogReport, Obstacle, Operation, PlanReport,
    PlanStep, RlsGate, RunOutcome, RunReport, ScriptTransaction, Setup, StepReport,
    TransactionScope,
};
use crate::revision::Direction;

const TERMINAL: Style = Style {
    width: Some(72),
    ..PLAIN
};

#[test]
fn what_the_gate_judged() {
    let said = |steps_judged, steps_unchanged, findings_known, matrix| {
        let report = RunReport {
            rls_gate: Some(RlsGate {
                steps_judged,
                steps_unchanged,
                findings_known,
                matrix,
            }),
            ..run_report(Operation::Upgrade, RunOutcome::Done)
        };
        let text = run_end(&report, &PLAIN);
        text.lines().last().unwrap_or_default().to_owned()
    };
    assert_snapshot!(said(2, 0, 0, None), @"RLS gate: 2 steps judged, nothing new");
    assert_snapshot!(said(2, 1, 1, Some(GateMatrix::Decisive)), @"RLS gate: 1 step judged, nothing new; policies and rights are those of the kept matrix; 1 finding stands from before, which `grace-migrate rls lint` tells");
    assert_snapshot!(said(2, 2, 3, Some(GateMatrix::Tried)), @"RLS gate: no step changed the catalog; every actor reaches what the kept matrix says; 3 findings stand from before, which `grace-migrate rls lint` tells");
}

#[test]
fn a_run() {
    let report = run_report(Operation::Upgrade, RunOutcome::Done);
    assert_snapshot!(run(&report, &PLAIN), @r#"
      notice: table "old" does not exist, skipping (versions/b2b2b2b2b2b2.up.sql:12)
      warning: there is no transaction in progress (versions/b2b2b2b2b2b2.up.sql:12)
        hint: begin␛[2J one
    upgrade    b2b2b2b2b2b2  create the GRACE schema                     12 ms
    upgrade    c3c3c3c3c3c3  add invoices                               1.24 s
    applied 2 revisions in 1.26 s: the database `grace` stands at c3c3c3c3c3c3 (head)
    "#);
    assert_snapshot!(run(&report, &TERMINAL), @r#"
      notice: table "old" does not exist, skipping (versions/b2b2b2b2b2b2.up.sql:12)
      warning: there is no transaction in progress (versions/b2b2b2b2b2b2.up.sql:12)
        hint: begin␛[2J one
    upgrade    b2b2b2b2b2b2  create the GRACE schema                   12 ms
    upgrade    c3c3c3c3c3c3  add invoices                             1.24 s
    applied 2 revisions in 1.26 s: the database `grace` stands at c3c3c3c3c3c3 (head)
    "#);
    let color = Style {
        color: true,
        ..TERMINAL
    };
    assert_snapshot!(run(&report, &color).replace('\u{1b}', "␛"), @r#"
      ␛[1m␛[34mnotice:␛[0m table "old" does not exist, skipping␛[2m (versions/b2b2b2b2b2b2.up.sql:12)␛[0m
      ␛[1m␛[33mwarning:␛[0m there is no transaction in progress␛[2m (versions/b2b2b2b2b2b2.up.sql:12)␛[0m
        hint: begin␛[2J one
    ␛[32mupgrade  ␛[0m  ␛[33mb2b2b2b2b2b2␛[0m  create the GRACE schema                ␛[2m   12 ms␛[0m
    ␛[32mupgrade  ␛[0m  ␛[33mc3c3c3c3c3c3␛[0m  add invoices                           ␛[2m  1.24 s␛[0m
    applied 2 revisions in 1.26 s: the database `grace` stands at ␛[33mc3c3c3c3c3c3␛[0m␛[36m (head)␛[0m
    "#);
    assert_snapshot!(json("upgrade", &report), @r#"
    {
      "schema": 1,
      "command": "upgrade",
      "destination": {
        "name": null,
        "database": "grace",
        "url": "postgresql://grace@db.example/grace",
        "embedded": false,
        "version_table": "public.alembic_version"
      },
      "operation": "upgrade",
      "outcome": "done",
      "targets": [
        "head"
      ],
      "run_id": "01k",
      "tag": null,
      "transaction": "revision",
      "from": [
        "a1a1a1a1a1a1"
      ],
      "stands_at": [
        "c3c3c3c3c3c3"
      ],
      "at_head": true,
      "pending": 0,
      "steps": [
        {
          "direction": "upgrade",
          "revision": "b2b2b2b2b2b2",
          "message": "create the GRACE schema",
          "path": "versions/b2b2b2b2b2b2.up.sql",
          "transaction": "on",
          "duration_ms": 12,
          "attempts": 1,
          "notices": [
            {
              "severity": "note",
              "level": "NOTICE",
              "message": "table \"old\" does not exist, skipping",
              "detail": null,
              "hint": null,
              "sqlstate": "00000",
              "path": "versions/b2b2b2b2b2b2.up.sql",
              "line": 12
            },
            {
              "severity": "warning",
              "level": "WARNING",
              "message": "there is no transaction in progress",
              "detail": null,
              "hint": "begin\u001b[2J one",
              "sqlstate": "00000",
              "path": "versions/b2b2b2b2b2b2.up.sql",
              "line": 12
            }
          ],
          "rows_after": [
            "b2b2b2b2b2b2"
          ]
        },
        {
          "direction": "upgrade",
          "revision": "c3c3c3c3c3c3",
          "message": "add invoices",
          "path": "versions/c3c3c3c3c3c3.up.sql",
          "transaction": "on",
          "duration_ms": 1240,
          "attempts": 1,
          "notices": [],
          "rows_after": [
            "c3c3c3c3c3c3"
          ]
        }
      ],
      "adopted": [],
      "accepted_edits": [],
      "many_locks": null,
      "rls_gate": null,
      "duration_ms": 1255
    }
    "#);
}

#[test]
fn how_runs_end() {
    let mut ends = String::new();
    for operation in [Operation::Upgrade, Operation::Downgrade, Operation::Stamp] {
        for outcome in [
            RunOutcome::Done,
            RunOutcome::NothingToDo,
            RunOutcome::Rehearsed,
        ] {
            let mut report = run_report(operation, outcome);
            if outcome != RunOutcome::Done {
                report.at_head = false;
                report.stands_at.clear();
                report.pending = 3;
            }
            ends += &run_end(&report, &PLAIN);
        }
    }
    assert_snapshot!(ends, @"
    applied 2 revisions in 1.26 s: the database `grace` stands at c3c3c3c3c3c3 (head)
    nothing to do: the database `grace` stands at base; 3 revisions pending
    rehearsed 2 revisions in 1.26 s and rolled everything back: the database `grace` still stands at base
    undid 2 revisions in 1.26 s: the database `grace` stands at c3c3c3c3c3c3 (head)
    nothing to do: the database `grace` stands at base
    rehearsed 2 revisions in 1.26 s and rolled everything back: the database `grace` still stands at base
    stamped, no script was run: the database `grace` stands at c3c3c3c3c3c3 (head) (was a1a1a1a1a1a1)
    nothing to do: the database `grace` stands at base; 3 revisions pending
    rehearsed 2 revisions in 1.26 s and rolled everything back: the database `grace` still stands at base
    ");
    let mut report = run_report(Operation::Stamp, RunOutcome::Done);
    report.adopted = vec![id("a1a1a1a1a1a1")];
    report.accepted_edits = vec![id("c3c3c3c3c3c3")];
    assert_snapshot!(run_end(&report, &PLAIN), @"accepted c3c3c3c3c3c3 as edited, no script was run: the database `grace` still stands at c3c3c3c3c3c3 (head)");
    let made = Setup {
        created: true,
        upgrade: run_report(Operation::Upgrade, RunOutcome::Done),
    };
    assert_snapshot!(setup(&made, &PLAIN), @"
    created the database `grace`
    applied 2 revisions in 1.26 s: the database `grace` stands at c3c3c3c3c3c3 (head)
    ");
}

#[test]
fn events() {
    let holder = LockHolder {
        pid: 4711,
        user: Some("maria".to_owned()),
        application: Some("grace-migrate".to_owned()),
        client: Some("10.0.0.7".to_owned()),
        since: Some(at(3)),
    };
    let events = [
        Event::Downloading {
            what: "PostgreSQL 17.6".to_owned(),
            received_bytes: 3_400_000,
            total_bytes: Some(24_000_000),
        },
        Event::EngineInitialising {
            version: "17.6".to_owned(),
            data: ".grace/postgres".into(),
        },
        Event::EngineStarting {
            version: "17.6".to_owned(),
            data: ".grace/postgres".into(),
        },
        Event::EngineReady {
            major: 17,
            data: ".grace/postgres".into(),
            started: true,
            duration_ms: 210,
        },
        Event::WaitingForLock {
            holder: Some(holder.clone()),
            waited_ms: 0,
        },
        Event::WaitingForLock {
            holder: Some(holder),
            waited_ms: 5_000,
        },
        Event::LockAcquired { waited_ms: 7_320 },
        Event::Adopted {
            revisions: vec![id("aaaa"), id("bbbb")],
        },
        Event::Finding {
            finding: Diagnostic::warning("file-name", "the file's name does not hold its id"),
        },
        Event::RunStarted {
            operation: Operation::Upgrade,
            run_id: "01k".to_owned(),
            destination: destination(),
            steps: 2,
            rehearsal: true,
        },
        Event::StepStarted {
            step: 1,
            steps: 2,
            direction: Direction::Upgrade,
            revision: id("aaaa"),
            message: Some("first".to_owned()),
            path: None,
            transaction: ScriptTransaction::On,
        },
        Event::StepProgress {
            step: 1,
            statements_done: 2,
            statements: 5,
        },
        Event::Notice { notice: notice() },
        Event::StepFinished {
            step: 1,
            steps: 2,
            report: step(Direction::Downgrade, "aaaa", "first", 125_000),
        },
        Event::StepFailed {
            step: 2,
            steps: 2,
            direction: Direction::Downgrade,
            revision: id("bbbb"),
            message: None,
            duration_ms: 3,
        },
        Event::Cancelling,
        Event::NotAnswering,
        Event::WaitingForCommit { waited_ms: 10_000 },
        Event::CommitLost {
            revision: Some(id("aaaa")),
            reason: "the server closed the connection".to_owned(),
        },
        Event::CommitFound {
            revision: Some(id("aaaa")),
            committed: true,
        },
        Event::CommitFound {
            revision: Some(id("aaaa")),
            committed: false,
        },
        Event::CommitLost {
            revision: None,
            reason: "the server closed the connection".to_owned(),
        },
        Event::CommitFound {
            revision: None,
            committed: true,
        },
        Event::EngineStopping,
        Event::ManyLocks {
            estimate: LockEstimate {
                needed: 10_000,
                capacity: 6_400,
            },
        },
        Event::Blocked {
            blockers: vec![blocker(), hidden_blocker()],
        },
        Event::Blocked {
            blockers: Vec::new(),
        },
        Event::Retrying {
            step: 1,
            steps: 2,
            revision: id("aaaa"),
            attempt: 1,
            attempts: 5,
            message: "canceling statement due to lock timeout".to_owned(),
            sqlstate: "55P03".to_owned(),
            blockers: vec![blocker()],
            wait_ms: 850,
        },
        Event::StepFinished {
            step: 1,
            steps: 2,
            report: StepReport {
                attempts: 2,
                ..step(Direction::Upgrade, "aaaa", "first", 4_125)
            },
        },
    ];
    let lines: String = events.iter().filter_map(|e| event(e, &PLAIN)).collect();
    assert_snapshot!(lines, @r#"
    making the embedded PostgreSQL 17.6 in .grace/postgres
    using the embedded PostgreSQL 17 in .grace/postgres
    waiting for another run by maria (grace-migrate, from 10.0.0.7, pid 4711) since 2026-11-22 15:03:00Z
    the other run ended, waited 7.32 s
    adopted 2 revisions that another tool applied: the history knows them now
    warning[file-name]: the file's name does not hold its id
    rehearsal: everything is rolled back at the end
      notice: table "old" does not exist, skipping (versions/b2b2b2b2b2b2.up.sql:12)
    downgrade  aaaa          first                                    2 min 05 s
    failed     bbbb                                                       3 ms
    cancelling what runs; press Ctrl-C again to leave at once
    the server does not answer: cutting the link
    COMMIT is not answered for 10.00 s; a standby that is slow or away can be why
    the link was lost at COMMIT of aaaa (the server closed the connection); asking the server what became of it
    the server committed aaaa
    the server rolled aaaa back
    the link was lost at COMMIT (the server closed the connection); asking the server what became of it
    the server committed it
    warning: all in one transaction takes about 10000 locks, and the server is only sure to have 6400
      `--transaction revision`, fewer steps at a time, or a higher `max_locks_per_transaction` avoid that
      blocked by pid 4711 (maria, psql, from 10.0.0.7) holds AccessShareLock on public.notes, idle in transaction for 12.30 s: select * from notes
      blocked by pid 4712 waits in front for a lock on public.notes
      try 1 of 5 failed: canceling statement due to lock timeout; rolled back, to be tried again in 850 ms
    upgrade    aaaa          first                                      4.13 s  2 tries
    "#);
    let activities: Vec<String> = events.iter().filter_map(|e| activity(e, &PLAIN)).collect();
    assert_snapshot!(activities.join("\n"), @"
    fetching PostgreSQL 17.6: 3.4 MB of 24.0 MB
    making the embedded server's data folder
    starting the embedded server
    waiting for another run by maria (grace-migrate, from 10.0.0.7, pid 4711) since 2026-11-22 15:03:00Z, 0 ms so far
    waiting for another run by maria (grace-migrate, from 10.0.0.7, pid 4711) since 2026-11-22 15:03:00Z, 5.00 s so far
    1 of 2: upgrade aaaa first
    statement 2 of 5
    cancelling
    waiting for COMMIT, 10.00 s so far
    asking the server what became of the COMMIT
    asking the server what became of the COMMIT
    stopping the embedded server
    blocked by pid 4711 (maria, psql, from 10.0.0.7) holds AccessShareLock on public.notes, idle in transaction for 12.30 s: select * from notes

    try 1 of 5 of aaaa failed, waiting for the next
    ");
    assert_snapshot!(serde_json::to_string(&events[11]).unwrap(), @r#"{"event":"step-progress","step":1,"statements_done":2,"statements":5}"#);
}

fn plan_step(revision: &str, message: &str, rows_after: &[&str]) -> PlanStep {
    PlanStep {
        direction: Direction::Downgrade,
        revision: id(revision),
        message: Some(message.to_owned()),
        path: Some(format!("versions/{revision}.down.sql").into()),
        transaction: ScriptTransaction::On,
        has_verify: false,
        obstacle: None,
        rows_after: rows_after.iter().map(|row| (*row).to_owned()).collect(),
    }
}

#[test]
fn plans() {
    let mut report = PlanReport {
        destination: destination(),
        operation: Operation::Downgrade,
        targets: vec!["base".to_owned()],
        from: vec!["e5e5e5e5e5e5".to_owned()],
        to: Vec::new(),
        transaction: TransactionScope::All,
        steps: vec![
            plan_step(
                "e5e5e5e5e5e5",
                "merge billing and audit",
                &["c3c3c3c3c3c3", "d4d4d4d4d4d4"],
            ),
            plan_step("d4d4d4d4d4d4", "write an audit log", &["c3c3c3c3c3c3"]),
            plan_step("c3c3c3c3c3c3", "add invoices", &[]),
        ],
        to_adopt: Vec::new(),
        many_locks: None,
        dry_run: true,
    };
    assert_snapshot!(plan(&report, &PLAIN), @"
    #  Revision      Message                  Then at                     Script
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    1  e5e5e5e5e5e5  merge billing and audit  c3c3c3c3c3c3, d4d4d4d4d4d4  versions/e5e5e5e5e5e5.down.sql
    2  d4d4d4d4d4d4  write an audit log       c3c3c3c3c3c3                versions/d4d4d4d4d4d4.down.sql
    3  c3c3c3c3c3c3  add invoices             base                        versions/c3c3c3c3c3c3.down.sql

    downgrade of `grace` from e5e5e5e5e5e5 to base in 3 steps, all in one transaction; nothing was run
    ");
    report.steps[1].transaction = ScriptTransaction::Off;
    report.steps[1].path = None;
    report.steps[1].obstacle = Some(Obstacle::NoDownScript);
    report.steps[2].obstacle = Some(Obstacle::Irreversible {
        reason: "sent invoices cannot be unsent".to_owned(),
    });
    report.to_adopt = vec![id("a1a1a1a1a1a1")];
    let wide = Style {
        width: Some(100),
        ..PLAIN
    };
    assert_snapshot!(plan(&report, &wide), @"
    #  Revision      Message                  Then at                     Note
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    1  e5e5e5e5e5e5  merge billing and audit  c3c3c3c3c3c3, d4d4d4d4d4d4
    2  d4d4d4d4d4d4  write an audit log       c3c3c3c3c3c3                no down script, no transaction
    3  c3c3c3c3c3c3  add invoices             base                        irreversible

    warning: d4d4d4d4d4d4 cannot be undone: it has no down script
    warning: c3c3c3c3c3c3 cannot be undone: sent invoices cannot be unsent
    1 revision applied by another tool would be adopted first: a1a1a1a1a1a1
    downgrade of `grace` from e5e5e5e5e5e5 to base in 3 steps, all in one transaction; nothing was run
    ");
    assert_snapshot!(json("downgrade", &report), @r#"
    {
      "schema": 1,
      "command": "downgrade",
      "destination": {
        "name": null,
        "database": "grace",
        "url": "postgresql://grace@db.example/grace",
        "embedded": false,
        "version_table": "public.alembic_version"
      },
      "operation": "downgrade",
      "targets": [
        "base"
      ],
      "from": [
        "e5e5e5e5e5e5"
      ],
      "to": [],
      "transaction": "all",
      "steps": [
        {
          "direction": "downgrade",
          "revision": "e5e5e5e5e5e5",
          "message": "merge billing and audit",
          "path": "versions/e5e5e5e5e5e5.down.sql",
          "transaction": "on",
          "has_verify": false,
          "obstacle": null,
          "rows_after": [
            "c3c3c3c3c3c3",
            "d4d4d4d4d4d4"
          ]
        },
        {
          "direction": "downgrade",
          "revision": "d4d4d4d4d4d4",
          "message": "write an audit log",
          "path": null,
          "transaction": "off",
          "has_verify": false,
          "obstacle": {
            "kind": "no-down-script"
          },
          "rows_after": [
            "c3c3c3c3c3c3"
          ]
        },
        {
          "direction": "downgrade",
          "revision": "c3c3c3c3c3c3",
          "message": "add invoices",
          "path": "versions/c3c3c3c3c3c3.down.sql",
          "transaction": "on",
          "has_verify": false,
          "obstacle": {
            "kind": "irreversible",
            "reason": "sent invoices cannot be unsent"
          },
          "rows_after": []
        }
      ],
      "to_adopt": [
        "a1a1a1a1a1a1"
      ],
      "many_locks": null,
      "dry_run": true
    }
    "#);
    report.steps.clear();
    report.to_adopt.clear();
    report.operation = Operation::Stamp;
    assert_snapshot!(plan(&report, &PLAIN), @"stamp of `grace` from e5e5e5e5e5e5 to base, without a script; nothing was run");
    report.to = report.from.clone();
    assert_snapshot!(plan(&report, &PLAIN), @"nothing to do: the database `grace` stands at e5e5e5e5e5e5");
}

#[test]
fn logs() {
    let mut report = LogReport {
        destination: destination(),
        has_history: true,
        entries: vec![
            log_entry(4, Direction::Downgrade, "b2b2b2b2b2b2"),
            log_entry(3, Direction::Upgrade, "b2b2b2b2b2b2"),
        ],
        closings: Vec::new(),
        has_more: false,
    };
    report.entries[1].from = None;
    report.entries[1].duration_ms = None;
    assert_snapshot!(log(&report, &PLAIN), @"
    When (UTC)           Direction  Outcome  Revision      Message                  Who           Took
    ──────────────────────────────────────────────────────────────────────────────────────────────────
    2026-11-22 15:04:00  downgrade  applied  b2b2b2b2b2b2  create the GRACE schema  grace_owner  12 ms
    2026-11-22 15:03:00  upgrade    applied  b2b2b2b2b2b2  create the GRACE schema  grace_owner
    ");
    report.entries[0].tag = Some("release-4".to_owned());
    assert_snapshot!(log(&report, &VERBOSE), @"
    When (UTC)           Direction  Outcome  Revision      Message                  Who           Took  Tag        From      Run  Version
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    2026-11-22 15:04:00  downgrade  applied  b2b2b2b2b2b2  create the GRACE schema  grace_owner  12 ms  release-4  10.0.0.7  01k  0.1.0
    2026-11-22 15:03:00  upgrade    applied  b2b2b2b2b2b2  create the GRACE schema  grace_owner                    local     01k  0.1.0
    ");
    report.entries.clear();
    assert_eq!(log(&report, &PLAIN), "");
}
