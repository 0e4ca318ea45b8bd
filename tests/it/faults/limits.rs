//! How much a script may be, and how little the server may have.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::run::case::{Case, end, shows};
use crate::support::{Output, OwnServer, connect, query};

/// A large script, in bytes.
const LARGE: u64 = 100 << 20;

/// Writes an up script of about [`LARGE`] bytes: a beginning, lines by their number, an end.
fn write_large(path: &Path, begin: &str, line: impl Fn(u64) -> String, end: &str) -> u64 {
    let mut file = BufWriter::new(File::create(path).unwrap());
    write!(file, "-- revision: a\n{begin}").unwrap();
    let mut written = 0;
    let mut number = 0;
    while written < LARGE {
        let line = line(number);
        written += line.len() as u64;
        number += 1;
        file.write_all(line.as_bytes()).unwrap();
    }
    write!(file, "{end}").unwrap();
    file.flush().unwrap();
    drop(file);
    fs::metadata(path).unwrap().len()
}

/// Runs `upgrade head` and gives the most memory that it held, in bytes, as the system counted it.
fn peak(case: &Case) -> u64 {
    let child = case.start("upgrade head --quiet");
    let status = format!("/proc/{}/status", child.id());
    // What it says is read meanwhile: it would wait for that.
    let ended = thread::spawn(move || end(child));
    let mut peak = 0;
    while !ended.is_finished() {
        // A process that has just ended tells nothing more.
        let told = fs::read_to_string(&status).unwrap_or_default();
        let high = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = high.and_then(|high| high.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0) << 10);
        thread::sleep(Duration::from_millis(5));
    }
    ended.join().unwrap().success();
    peak
}

#[track_caller]
fn is_bounded(peak: u64, size: u64) {
    assert!(peak * 2 < size * 5, "{peak} bytes for {size}");
    assert!(
        peak > size / 2,
        "{peak} bytes: it was not looked at in time"
    );
}

/// F31: a script of 100 MB, of statements: memory stays under 2.5 times its size.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn f31_a_large_script_of_statements() {
    let case = Case::of_owner().await;
    let path = case.project.path().join("versions/a.up.sql");
    let filler = "x".repeat(1_000);
    let begin = "create table t (n int, s text);\n";
    let line = |n| format!("insert into t values ({n}, '{filler}');\n");
    let size = write_large(&path, begin, line, "");
    is_bounded(peak(&case), size);
    assert_eq!(case.query("select count(*) > 90000 from t").await, "t");
}

/// F31: a script of 100 MB, of COPY data: memory stays under 2.5 times its size.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn f31_a_large_script_of_copy_data() {
    let case = Case::of_owner().await;
    let path = case.project.path().join("versions/a.up.sql");
    let filler = "x".repeat(1_000);
    let begin = "create table t (n int, s text);\ncopy t from stdin;\n";
    let size = write_large(&path, begin, |n| format!("{n}\t{filler}\n"), "\\.\n");
    is_bounded(peak(&case), size);
    assert_eq!(case.query("select count(*) > 90000 from t").await, "t");
}

/// F31: a script of 100 MB that is one statement: memory stays under 2.5 times its size.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn f31_a_large_script_of_one_statement() {
    let case = Case::of_owner().await;
    let path = case.project.path().join("versions/a.up.sql");
    let filler = "x".repeat(1_000);
    let begin = "create table t as select length('";
    let size = write_large(&path, begin, |_| format!("{filler}\n"), "') as n;\n");
    is_bounded(peak(&case), size);
    assert_eq!(case.query("select n > 100000000 from t").await, "t");
}

/// F32: 20 000 statements, and an error at run time in one of them: its file and line are told, and nothing of it stays.
#[tokio::test]
async fn f32_an_error_in_one_of_many_statements() {
    let case = Case::of_owner().await;
    case.table("a", "");
    let mut sql = "create table t (n int primary key);\n".to_owned();
    for n in 0..20_000 {
        _ = match n {
            // Line 3 and on: the header has two lines, the table one.
            13_997 => writeln!(
                sql,
                "insert into t select 13997 / (count(*) - 13997) from t;"
            ),
            _ => writeln!(sql, "insert into t values ({n});"),
        };
    }
    case.up("b", "a", &sql);
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "versions/b.up.sql:14001:1",
            "22012",
            "rolled back",
            "stands at a",
        ],
    );
    assert_eq!(case.tables().await, "a");
    case.up("b", "a", &sql.replace("/ (count(*) - 13997) from t", ""));
    case.ok("upgrade head");
    assert_eq!(case.query("select count(*) from t").await, "20000");
}

/// F32: 5 000 revisions, each with a table, where the lock table has its usual size: all are applied.
#[tokio::test]
async fn f32_many_revisions() {
    let case = Case::of_owner().await;
    let id = |n: u32| format!("r{n:04}");
    for n in 0..5_000 {
        let revises = if n == 0 { String::new() } else { id(n - 1) };
        case.up(
            &id(n),
            &revises,
            &format!("create table t{n} (n int primary key);"),
        );
    }
    case.ok("upgrade head --quiet");
    assert_eq!(case.rows().await, "r4999");
    let history = case.query("select count(*) from grace_migrate.history");
    assert_eq!(history.await, "5000");
}

/// F41: a script that needs more locks than the server has: a clean error, rolled back, and what comes after runs.
#[tokio::test]
async fn f41_out_of_locks() {
    let server =
        OwnServer::start(&["max_locks_per_transaction = 10", "max_connections = 10"]).await;
    let mut case = Case::new().await;
    case.project.env("DATABASE_URL", server.url("postgres"));
    case.table("a", "");
    let mut sql = "create table kept (n int);\n".to_owned();
    for n in 0..3_000 {
        _ = writeln!(sql, "create table t{n} (n int);");
    }
    case.up("b", "a", &sql);
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "versions/b.up.sql:",
            "53200",
            "max_locks_per_transaction",
            "rolled back",
            "stands at a",
        ],
    );
    let told = connect(&server.url("postgres")).await;
    let count = "select count(*) from pg_class where relname ~ '^(t[0-9]+|kept)$'";
    assert_eq!(query(&told, count).await, "0");
    case.up("b", "a", "create table kept (n int);");
    case.ok("upgrade head");
}

/// F41: one transaction for a run that may need more locks than the server has: said before it
/// begins, also by `--dry-run`; not said where each revision has its own.
#[tokio::test]
async fn f41_many_locks_are_told_beforehand() {
    let server =
        OwnServer::start(&["max_locks_per_transaction = 10", "max_connections = 10"]).await;
    let mut case = Case::new().await;
    case.project.env("DATABASE_URL", server.url("postgres"));
    let tables = |name: &str, number: usize| -> String {
        let table = |n| format!("create table {name}{n} (n int primary key);\n");
        (0..number).map(table).collect()
    };
    case.up("a", "", &tables("a", 30));
    case.up("b", "a", &tables("b", 30));
    let warned = "warning: all in one transaction takes about 120 locks, \
                  and the server is only sure to have 100";
    for words in [
        "upgrade head --transaction all --dry-run",
        "upgrade head --rehearse",
    ] {
        let output = case.ok(words);
        assert!(output.to_string().contains(warned), "{output}");
    }
    let planned = case.ok("upgrade head --transaction all --dry-run --format json");
    let planned: serde_json::Value = serde_json::from_str(&planned.stdout).unwrap();
    let told = serde_json::json!({ "needed": 120, "capacity": 100 });
    assert_eq!(planned["many_locks"], told, "{planned}");
    for words in [
        "upgrade a --transaction all",
        "upgrade head --transaction revision",
    ] {
        let output = case.ok(words);
        assert!(!output.to_string().contains("locks"), "{output}");
    }

    // Where there are too few indeed, it was said before that failed.
    case.up("c", "b", &tables("c", 3_000));
    let output = case.fails("upgrade head --transaction all", 4, "step-failed");
    shows(
        &output,
        &["about 6000 locks", "53200", "everything was rolled back"],
    );
}

/// F41: a server that takes no more connections: exit code 3, with its words, and the next run goes
/// through.
#[tokio::test]
async fn f41_out_of_connections() {
    let server = OwnServer::start(&["max_connections = 10"]).await;
    let mut case = Case::new().await;
    case.project.env("DATABASE_URL", server.url("postgres"));
    case.table("a", "");
    let mut taken = Vec::new();
    while let Ok((client, connection)) =
        tokio_postgres::connect(&server.url("postgres"), tokio_postgres::NoTls).await
    {
        taken.push((client, tokio::spawn(connection)));
    }
    let output = case.fails("upgrade head", 3, "server-not-accepting");
    shows(&output, &["too many clients"]);
    for (client, connection) in taken {
        drop(client);
        connection.await.unwrap().unwrap();
    }
    let output = until_accepted(&case);
    assert_eq!(output.code, Some(0), "{output}");
}

/// The first run that is let in: sessions take a moment to end.
fn until_accepted(case: &Case) -> Output {
    for _ in 0..500 {
        let output = case.grace("upgrade head");
        if output.code != Some(3) {
            return output;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("no run was let in any more");
}

/// F42: 100 000 notices: memory is bounded, the first are told with their lines, and the rest are counted.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn f42_many_notices() {
    let case = Case::of_owner().await;
    case.up("a", "", "select 1;");
    let quiet = peak(&case);
    case.up(
        "b",
        "a",
        "do $$ begin for n in 1..100000 loop\n\
         raise notice 'notice % %', n, repeat('x', 1000);\nend loop; end $$;",
    );
    let loud = peak(&case);
    // A hundred million bytes of them came.
    assert!(
        loud < quiet + (32 << 20),
        "{loud} bytes, and {quiet} without"
    );
    case.up(
        "c",
        "b",
        "do $$ begin for n in 1..100000 loop raise notice 'n %', n; end loop; end $$;",
    );
    let output = case.ok("upgrade head");
    shows(&output, &["n 1", "versions/c.up.sql:3", "99000"]);
}
