//! Where a run connects to: TLS, standbys; and the secrets that it connects with.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use crate::run::case::{Case, shows};
use crate::support::{Output, OwnServer, binaries, connect, query};
use crate::tls::front::{Authority, Front, Manner};

const SECRET: &str = "Xy7-s3cr3t'%";
/// The same, as a URL has it.
const SECRET_ENCODED: &str = "Xy7-s3cr3t%27%25";
/// What no output may hold, in either form.
const SECRET_PART: &str = "s3cr3t";

/// Every command that looks at where the database is, as text and JSON.
const TELLERS: [&str; 8] = [
    "config",
    "config --format json",
    "current -v",
    "current --format json",
    "upgrade head --dry-run --format json",
    "upgrade head",
    "upgrade head --sql",
    "log --format json",
];

fn is_silent(output: &Output, about: &str) {
    assert!(
        !output.to_string().contains(SECRET_PART),
        "{about}: {output}"
    );
}

/// F37: a secret in the URL, the settings, `PGPASSWORD`, a password file or a service file, with a server that is there, one that is not and one that refuses: it is in no output, and not in the history.
#[tokio::test]
async fn f37_a_secret_in_every_place_for_one() {
    let case = Case::new().await;
    let (user, rest) = case.url.split_once('@').unwrap();
    let with_secret = format!("{user}:{SECRET_ENCODED}@{rest}");
    let passfile = case.project.path().join("pass");
    fs::write(&passfile, format!("*:*:*:*:{SECRET}\n")).unwrap();
    fs::set_permissions(&passfile, fs::Permissions::from_mode(0o600)).unwrap();
    case.project.write(
        "service.conf",
        format!(
            "[app]\npassword={SECRET}\ndbname={}\n",
            case.database.name()
        ),
    );
    let service = case.project.path().join("service.conf");
    let closed = "postgres://anna@127.0.0.1:1/none?connect_timeout=1";
    let closed_with_secret = closed.replacen("anna", &format!("anna:{SECRET_ENCODED}"), 1);
    let words = format!(
        "host=127.0.0.1 port=1 user=anna password='{}'",
        SECRET.replace('\'', "\\'")
    );
    let broken = [
        // A blank, an unescaped `@`, no number, an unknown parameter, another scheme.
        "postgres://anna:s3cr3t x@127.0.0.1/none",
        "postgres://anna:x@s3cr3t@127.0.0.1/none",
        "postgres://anna:s3cr3t@127.0.0.1:port/none",
        "postgres://anna@127.0.0.1/none?passwort=s3cr3t",
        "mysql://anna:s3cr3t@127.0.0.1/none",
        "host=127.0.0.1 passwort=s3cr3t",
        "host=127.0.0.1 password='s3cr3t",
    ];
    let mut places: Vec<Vec<(&str, &str)>> = vec![
        vec![("DATABASE_URL", &with_secret)],
        vec![("DATABASE_URL", &closed_with_secret)],
        vec![("DATABASE_URL", &words)],
        vec![("PGPASSWORD", SECRET)],
        vec![("DATABASE_URL", closed), ("PGPASSWORD", SECRET)],
        vec![("PGPASSFILE", passfile.to_str().unwrap())],
        vec![
            ("PGSERVICEFILE", service.to_str().unwrap()),
            ("PGSERVICE", "app"),
        ],
    ];
    places.extend(broken.iter().map(|url| vec![("DATABASE_URL", *url)]));
    case.graph("a b<a");
    for place in places {
        for words in TELLERS {
            let mut command = case.project.command(words.split_whitespace());
            let output = Output::of(command.envs(place.iter().copied()));
            is_silent(&output, &format!("{words} with {place:?}"));
        }
    }
    assert_eq!(case.rows().await, "b");
    let kept = case.query("select string_agg(h::text, ' ') from grace_migrate.history h");
    assert!(!kept.await.contains(SECRET_PART));
}

/// F37: programs that are started, an editor among them: none has the secret among its arguments.
#[tokio::test]
async fn f37_a_secret_and_the_programs_that_are_started() {
    let case = Case::new().await;
    case.table("a", "");
    let (user, rest) = case.url.split_once('@').unwrap();
    let seen = case.project.path().join("seen");
    case.project.write(
        "editor",
        format!(
            "#!/bin/sh\nfor pid in $PPID $$; do tr '\\0' ' ' </proc/$pid/cmdline; done >{}\n",
            seen.display()
        ),
    );
    let editor = case.project.path().join("editor");
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = case.project.command(["edit", "a"]);
    command
        .env("DATABASE_URL", format!("{user}:{SECRET_ENCODED}@{rest}"))
        .env("PGPASSWORD", SECRET)
        .env("EDITOR", &editor);
    let output = Output::of(&mut command).success();
    is_silent(&output, "edit");
    let seen = fs::read_to_string(seen).unwrap();
    assert!(seen.contains("edit a") && seen.contains("editor"), "{seen}");
    assert!(!seen.contains(SECRET_PART), "{seen}");
}

/// F38: TLS with another host's certificate, one of another authority, and none offered: refused, as libpq does.
#[tokio::test]
async fn f38_tls_that_is_not_what_was_asked_for() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let host = "db.example.org";
    let identity = ours.issue(&[host], host, (2020, 2120));
    let tls = Front::new(Manner::Polite, &identity).await;
    let plain = Front::new(Manner::Plain, &identity).await;
    let mut case = Case::new().await;
    case.table("a", "");
    let before = case.state().await;
    for (name, pem) in [("ours.pem", &ours.pem), ("theirs.pem", &theirs.pem)] {
        case.project.write(name, pem);
    }
    let root = |mode: &str, file: &str| {
        let path = case.project.path().join(file);
        format!("sslmode={mode} sslrootcert={}", path.display())
    };
    let cases = [
        (
            tls.url("other.example.org", &root("verify-full", "ours.pem")),
            Some(["certificate", host]),
        ),
        (
            tls.url(host, &root("verify-full", "theirs.pem")),
            Some(["certificate", host]),
        ),
        (
            tls.url(host, &root("verify-ca", "theirs.pem")),
            Some(["certificate", host]),
        ),
        (
            plain.url(host, "sslmode=require"),
            Some(["does not offer it", "sslmode"]),
        ),
        (
            plain.url(host, &root("verify-full", "ours.pem")),
            Some(["does not offer it", "sslmode"]),
        ),
        (tls.url(host, &root("verify-full", "ours.pem")), None),
        (
            tls.url("other.example.org", &root("verify-ca", "ours.pem")),
            None,
        ),
        (tls.url(host, "sslmode=require"), None),
        (plain.url(host, "sslmode=prefer"), None),
    ];
    for (url, refused) in cases {
        let url = url.replace(
            "dbname=postgres",
            &format!("dbname={}", case.database.name()),
        );
        case.project.env("DATABASE_URL", &url);
        let words = if refused.is_some() {
            "upgrade head"
        } else {
            "current"
        };
        let mut command = case.project.command(words.split_whitespace());
        let output = tokio::task::spawn_blocking(move || Output::of(&mut command));
        let output = output.await.unwrap();
        match refused {
            Some(parts) => {
                assert!(
                    output.stderr.contains("error[tls-failed]"),
                    "{url}: {output}"
                );
                assert_eq!(output.code, Some(2), "{url}: {output}");
                parts.iter().for_each(|part| shows(&output, &[part]));
            }
            None => assert_eq!(output.code, Some(0), "{url}: {output}"),
        }
    }
    assert_eq!(case.state().await, before);
}

/// F39: a real standby: what would write is refused before any work, what reads is answered.
#[tokio::test]
async fn f39_a_standby() {
    let Some(pg_basebackup) = binaries().tool("pg_basebackup") else {
        return;
    };
    let primary = OwnServer::start(&[]).await;
    let standby = primary.standby(&pg_basebackup);
    let mut case = Case::new().await;
    case.graph("a b<a");
    case.project.env("DATABASE_URL", standby.url("postgres"));
    for words in [
        "upgrade head",
        "upgrade head --rehearse",
        "stamp head",
        "ensure-version",
    ] {
        let output = case.fails(words, 2, "read-only");
        shows(&output, &["standby", "target_session_attrs=read-write"]);
    }
    case.ok("current");
    case.ok("upgrade head --dry-run");
    // It stands where its primary stands, and with nothing to do nothing is refused.
    case.project.env("DATABASE_URL", primary.url("postgres"));
    case.ok("upgrade head");
    let told = connect(&standby.url("postgres")).await;
    let mut rows = String::new();
    for _ in 0..1_000 {
        if query(&told, "select to_regclass('alembic_version') is not null").await == "t" {
            rows = query(
                &told,
                "select string_agg(version_num, ' ') from alembic_version",
            )
            .await;
        }
        if rows == "b" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(rows, "b");
    drop(told);
    case.project.env("DATABASE_URL", standby.url("postgres"));
    shows(&case.ok("upgrade head"), &["nothing to do"]);
}

/// F39: a database that is set to read only: the same.
#[tokio::test]
async fn f39_a_database_that_only_reads() {
    let case = Case::new().await;
    case.table("a", "");
    let name = case.database.name();
    case.database
        .run(&format!(
            "alter database {name} set default_transaction_read_only = on"
        ))
        .await;
    for words in [
        "upgrade head",
        "upgrade head --rehearse",
        "stamp head",
        "ensure-version",
    ] {
        case.fails(words, 2, "read-only");
    }
    case.ok("current");
    case.ok("upgrade head --dry-run");
}
