use insta::assert_snapshot;
use serde_json::json as value;

use super::samples::{PLAIN, at, id};
use super::*;
use crate::diagnostic::Diagnostic;
use crate::migrator::report::{
    ConfigEntry, ConfigReport, DatabaseStatus, EditReport, HookReport, Init, NewRevision,
    OriginView, ServerAction, ServerState,
};
use crate::revision::Label;

#[test]
fn new_revisions() {
    let mut report = NewRevision {
        revision: id("f6f6f6f6f6f6"),
        revises: vec![id("e5e5e5e5e5e5")],
        depends_on: Vec::new(),
        labels: Vec::new(),
        message: Some("send invoices".to_owned()),
        template: "plain".to_owned(),
        created: vec![
            "versions/f6f6f6f6f6f6_send_invoices.up.sql".into(),
            "versions/f6f6f6f6f6f6_send_invoices.down.sql".into(),
        ],
        hooks: Vec::new(),
        warnings: Vec::new(),
    };
    assert_snapshot!(new_revision(&report, &PLAIN), @"
    revision f6f6f6f6f6f6, after e5e5e5e5e5e5
      created versions/f6f6f6f6f6f6_send_invoices.up.sql
      created versions/f6f6f6f6f6f6_send_invoices.down.sql
    ");
    report.revises.push(id("d4d4d4d4d4d4"));
    report.depends_on = vec!["audit".to_owned()];
    report.labels = vec![Label::parse("mail").unwrap()];
    report.hooks = vec![HookReport {
        name: "format".to_owned(),
        duration_ms: 31,
        changed: true,
    }];
    report.warnings = vec![Diagnostic::warning(
        "long-slug",
        "the file name was cut off",
    )];
    assert_snapshot!(new_revision(&report, &PLAIN), @"
    revision f6f6f6f6f6f6 (mail), merging e5e5e5e5e5e5, d4d4d4d4d4d4, depending on audit
      created versions/f6f6f6f6f6f6_send_invoices.up.sql
      created versions/f6f6f6f6f6f6_send_invoices.down.sql
      hook `format` changed the files (31 ms)
    ");
    report.revises.clear();
    assert_snapshot!(json("revision", &report), @r#"
    {
      "schema": 1,
      "command": "revision",
      "revision": "f6f6f6f6f6f6",
      "revises": [],
      "depends_on": [
        "audit"
      ],
      "labels": [
        "mail"
      ],
      "message": "send invoices",
      "template": "plain",
      "created": [
        "versions/f6f6f6f6f6f6_send_invoices.up.sql",
        "versions/f6f6f6f6f6f6_send_invoices.down.sql"
      ],
      "hooks": [
        {
          "name": "format",
          "duration_ms": 31,
          "changed": true
        }
      ],
      "warnings": [
        {
          "code": "long-slug",
          "severity": "warning",
          "message": "the file name was cut off",
          "place": null,
          "related": [],
          "help": null
        }
      ]
    }
    "#);
}

#[test]
fn projects() {
    let mut report = Init {
        directory: "/srv/grace".into(),
        created: vec!["grace-migrate.toml".into(), "versions".into()],
        kept: vec!["templates".into()],
    };
    assert_snapshot!(init(&report, "/srv".as_ref(), &PLAIN), @r#"
    a project in grace
      created grace-migrate.toml
      created versions
      kept templates

    hint: go there: `cd grace`
    hint: write the first revision: `grace-migrate revision -m "<message>"`
    hint: or write the schema down in `schema/`, and have it made: `grace-migrate migrate -m "<message>"`
    hint: then apply it: `grace-migrate upgrade`
    "#);
    report.kept.append(&mut report.created);
    assert_snapshot!(init(&report, "/srv".as_ref(), &PLAIN), @"
    a project is in grace already
      kept templates
      kept grace-migrate.toml
      kept versions
    ");
    let opened = EditReport {
        editor: vec!["vi".to_owned()],
        opened: vec!["versions/a.up.sql".into()],
    };
    assert_snapshot!(edit(&opened, &PLAIN), @"  opened versions/a.up.sql");
}

#[test]
fn settings() {
    let entry = |key: &str, value, origin| ConfigEntry {
        key: key.to_owned(),
        value,
        origin,
    };
    let file = |line| OriginView::File {
        path: "grace-migrate.toml".into(),
        line,
        variables: Vec::new(),
    };
    let report = ConfigReport {
        file: Some("grace-migrate.toml".into()),
        destination: Some("staging".to_owned()),
        settings: vec![
            entry(
                "url",
                value!("postgresql://grace@db.example/grace"),
                OriginView::Environment {
                    name: "DATABASE_URL".to_owned(),
                },
            ),
            entry("versions", value!(["versions", "more"]), file(3)),
            entry(
                "templates",
                value!("shared"),
                OriginView::File {
                    path: "grace-migrate.toml".into(),
                    line: 4,
                    variables: vec!["SHARED".to_owned()],
                },
            ),
            entry("recursive", value!(false), OriginView::Default),
            entry(
                "run.lock-timeout",
                value!("3s"),
                OriginView::Flag {
                    name: "--lock-timeout".to_owned(),
                },
            ),
            entry("run.tag", value!(null), OriginView::Default),
        ],
    };
    assert_snapshot!(config(&report, &PLAIN), @r#"
    file         grace-migrate.toml
    destination  staging

    Setting           Value                                From
    ────────────────────────────────────────────────────────────────────────────────────
    url               postgresql://grace@db.example/grace  $DATABASE_URL
    versions          ["versions","more"]                  grace-migrate.toml:3
    templates         shared                               grace-migrate.toml:4, $SHARED
    recursive         false                                default
    run.lock-timeout  3s                                   --lock-timeout
    run.tag           -                                    default
    "#);
    assert_snapshot!(json("config", &report), @r#"
    {
      "schema": 1,
      "command": "config",
      "file": "grace-migrate.toml",
      "destination": "staging",
      "settings": [
        {
          "key": "url",
          "value": "postgresql://grace@db.example/grace",
          "origin": {
            "kind": "environment",
            "name": "DATABASE_URL"
          }
        },
        {
          "key": "versions",
          "value": [
            "versions",
            "more"
          ],
          "origin": {
            "kind": "file",
            "path": "grace-migrate.toml",
            "line": 3
          }
        },
        {
          "key": "templates",
          "value": "shared",
          "origin": {
            "kind": "file",
            "path": "grace-migrate.toml",
            "line": 4,
            "variables": [
              "SHARED"
            ]
          }
        },
        {
          "key": "recursive",
          "value": false,
          "origin": {
            "kind": "default"
          }
        },
        {
          "key": "run.lock-timeout",
          "value": "3s",
          "origin": {
            "kind": "flag",
            "name": "--lock-timeout"
          }
        },
        {
          "key": "run.tag",
          "value": null,
          "origin": {
            "kind": "default"
          }
        }
      ]
    }
    "#);
}

#[test]
fn embedded_servers() {
    let mut report = DatabaseStatus {
        action: ServerAction::Started,
        state: ServerState::Running,
        pid: Some(4711),
        started_at: Some(at(3)),
        version: Some("17.6".to_owned()),
        binaries: Some("/usr/lib/postgresql/17/bin".into()),
        binaries_origin: Some("PATH".to_owned()),
        data: ".grace/postgres".into(),
        data_bytes: Some(41_300_000),
        log: Some(".grace/postgres.log".into()),
        url: Some("postgresql:///grace?host=/tmp/pg".to_owned()),
    };
    assert_snapshot!(database_status(&report, &PLAIN), @"
    started the embedded server
      state     running
      pid       4711
      since     2026-11-22 15:03:00Z
      version   PostgreSQL 17.6 (PATH)
      binaries  /usr/lib/postgresql/17/bin
      data      .grace/postgres (41.3 MB)
      log       .grace/postgres.log
      url       postgresql:///grace?host=/tmp/pg
    ");
    assert_snapshot!(json("db start", &report), @r#"
    {
      "schema": 1,
      "command": "db start",
      "action": "started",
      "state": "running",
      "pid": 4711,
      "started_at": "2026-11-22T15:03:00Z",
      "version": "17.6",
      "binaries": "/usr/lib/postgresql/17/bin",
      "binaries_origin": "PATH",
      "data": ".grace/postgres",
      "data_bytes": 41300000,
      "log": ".grace/postgres.log",
      "url": "postgresql:///grace?host=/tmp/pg"
    }
    "#);
    report.action = ServerAction::None;
    report.state = ServerState::Absent;
    report.pid = None;
    report.started_at = None;
    report.version = None;
    report.binaries = None;
    report.data_bytes = None;
    report.log = None;
    report.url = None;
    assert_snapshot!(database_status(&report, &PLAIN), @"
    state     not made yet
    data      .grace/postgres
    ");
}
