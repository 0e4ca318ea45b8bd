//! `rls test`: policy tests on a real server, and all that is said of them.

use std::process::{Command, Stdio};
use std::time::Duration;

use tokio_postgres::SimpleQueryMessage;

use super::transcript::Transcript;
use crate::grace::setup::ROLES_SQL;
use crate::support::Output;

const ACTORS: &str = include_str!("rls_test/actors.toml");
const FIXTURES: &str = include_str!("rls_test/fixtures.sql");
const GOOD: &str = include_str!("rls_test/good.test.sql");
const MORE: &str = include_str!("rls_test/more.test.sql");
const BAD: &str = include_str!("rls_test/bad.test.sql");
const SET_UP: &str = include_str!("rls_test/set_up.test.sql");
const TWO: &str = "insert into notes (owner_id, body) values ('o', 'a'), ('x', 'x')";

/// A project with actors and rows, and these tests.
async fn project<const N: usize>(tests: [(&str, &str); N]) -> Transcript {
    let t = Transcript::with_database().await;
    t.database().run(ROLES_SQL).await;
    t.database().run(include_str!("rls_test/world.sql")).await;
    t.project.write("tests/rls/actors.toml", ACTORS);
    t.project.write("tests/rls/fixtures.sql", FIXTURES);
    t.project.write("tests/rls/rows/two.sql", TWO);
    for (name, text) in tests {
        t.project.write(format!("tests/rls/{name}.test.sql"), text);
    }
    t
}

async fn good() -> Transcript {
    project([("good", GOOD), ("more", MORE)]).await
}

#[tokio::test]
async fn all_pass_and_nothing_stays() {
    let mut t = good().await;
    t.ok(["rls", "test"]);
    t.ok(["rls", "test", "--list"]);
    t.ok(["rls", "test", "--filter", "more.test.sql: line 13", "-q"]);
    t.ok([
        "rls",
        "test",
        "tests/rls/more.test.sql",
        "tests/rls",
        "--format",
        "json",
        "-q",
    ]);
    assert_eq!(t.database().query("select * from notes").await, "");
    let kept = "select to_regclass('alembic_version')";
    assert_eq!(t.database().query(kept).await, "");
    t.check("rls_test");
}

#[tokio::test]
async fn what_fails_is_told_with_what_came() {
    let mut t = project([("bad", BAD), ("good", GOOD), ("set_up", SET_UP)]).await;
    assert_eq!(t.run(["rls", "test", "--filter", "bad"]).code, Some(1));
    assert_eq!(t.run(["rls", "test", "--fail-fast"]).code, Some(1));
    assert_eq!(t.run(["rls", "test", "--filter", "set_up"]).code, Some(1));
    t.run([
        "rls", "test", "--filter", "refused", "--format", "json", "-q",
    ]);
    t.check("rls_test_failed");
}

#[tokio::test]
async fn results_as_tap() {
    let mut t = project([("bad", BAD), ("more", MORE), ("set_up", SET_UP)]).await;
    let output = t.run(["rls", "test", "--format", "tap"]);
    assert_eq!(output.code, Some(1));
    let mut lines = output.stdout.lines().peekable();
    assert_eq!(lines.next(), Some("TAP version 14"));
    let planned: usize = lines
        .next()
        .unwrap()
        .strip_prefix("1..")
        .unwrap()
        .parse()
        .unwrap();
    let mut seen = 0;
    while let Some(line) = lines.next() {
        seen += 1;
        let failed = line.strip_prefix("not ");
        let rest = failed.unwrap_or(line);
        assert!(rest.starts_with(&format!("ok {seen} - ")), "{line}");
        // A `#` that is not escaped begins a directive.
        let bare = rest.replace("\\#", "");
        assert!(!bare.contains('#') || bare.contains(" # SKIP "), "{line}");
        if failed.is_none() {
            continue;
        }
        assert_eq!(lines.next(), Some("  ---"), "{line}");
        for line in lines.by_ref().take_while(|line| *line != "  ...") {
            let (_, value) = line.split_once([':', '-']).unwrap();
            let value = value.trim();
            let scalar = value.is_empty()
                || value == "fail"
                || serde_json::from_str::<serde_json::Value>(value).is_ok();
            assert!(line.starts_with("  ") && scalar, "{line}");
        }
    }
    assert_eq!(seen, planned);
    t.check("rls_test_tap");
}

/// Fails unless the text is well-formed XML of elements, attributes and text.
fn assert_well_formed(xml: &str) {
    let text = |text: &str| {
        for (at, _) in text.match_indices('&') {
            let entity = text[at + 1..].split(';').next().unwrap();
            let number = entity.strip_prefix('#').map(str::parse::<u32>);
            let named = ["amp", "lt", "gt", "quot", "apos"].contains(&entity);
            assert!(named || matches!(number, Some(Ok(_))), "&{entity}");
        }
        let bad = |c: char| c < ' ' && !['\n', '\t'].contains(&c);
        assert!(!text.contains(['<', '>']) && !text.contains(bad), "{text}");
    };
    let rest = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let mut rest = rest.unwrap();
    let mut open = Vec::new();
    let mut roots = 0;
    while let Some((before, tag)) = rest.split_once('<') {
        text(before);
        let (tag, after) = tag.split_once('>').unwrap();
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let (tag, empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let parts: Vec<&str> = attributes.split('"').collect();
        assert_eq!(parts.len() % 2, 1, "{tag}");
        let mut names = std::collections::BTreeSet::new();
        for pair in parts.chunks_exact(2) {
            assert!(
                pair[0].ends_with('=') && names.insert(pair[0].trim()),
                "{tag}"
            );
            text(pair[1]);
        }
        roots += usize::from(open.is_empty());
        if !empty {
            open.push(name);
        }
    }
    text(rest);
    assert_eq!((open.len(), roots), (0, 1));
}

#[tokio::test]
async fn results_as_junit() {
    let mut t = project([("bad", BAD), ("more", MORE), ("set_up", SET_UP)]).await;
    let mut output = t.run(["rls", "test", "--format", "junit", "-q"]);
    assert_eq!(output.code, Some(1));
    assert_well_formed(&output.stdout);
    let cases = output.stdout.matches("<testcase ").count();
    assert!(output.stdout.contains(&format!("tests=\"{cases}\"")));
    let mut untimed = String::new();
    for (index, part) in output.stdout.split(" time=\"").enumerate() {
        let timeless = part.split_once('"').filter(|_| index > 0);
        untimed.push_str(timeless.map_or(part, |(_, rest)| rest));
    }
    output.stdout = untimed;
    let mut settings = t.project.settings();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("rls_test_junit", output));
}

#[tokio::test]
async fn a_test_that_cannot_be_read_stops_all() {
    let mut t = project([(
        "wrong",
        "-- fixtures: nowhere.sql
-- as: olag
-- expect: 1 row
select set_config('a.b', 'c', false);
-- exepct: no rows
select 1;
-- expect: some
commit;
",
    )])
    .await;
    let output = t.run(["rls", "test"]);
    assert_eq!(output.code, Some(2));
    t.project.write(
        "tests/rls/wrong.test.sql",
        "-- fixtures: nowhere.sql\n-- as: olga\n-- expect: ok\nselect 1;",
    );
    t.run(["rls", "test"]);
    t.run(["rls", "test", "tests/rls/gone.test.sql"]);
    t.run(["rls", "test", "--pgtap", "--list"]);
    t.project.write(
        "tests/rls/wrong.test.sql",
        "-- as: olga\n-- expect: ok\nselect 1;",
    );
    let settings = t.project.read("grace-migrate.toml");
    let said = settings.replace("# fixtures = \"tests/rls/", "fixtures = \"tests/rls/gone/");
    assert_ne!(settings, said);
    t.project.write("grace-migrate.toml", said);
    t.run(["rls", "test"]);
    t.check("rls_test_invalid");
}

#[tokio::test]
async fn where_there_is_nothing_to_run() {
    let mut t = project([]).await;
    assert_eq!(t.run(["rls", "test"]).code, Some(2));
    t.project
        .write("tests/rls/empty.test.sql", "-- Nothing yet.\nselect 1;\n");
    assert_eq!(t.run(["rls", "test"]).code, Some(2));
    t.project.write(
        "tests/rls/one.test.sql",
        "-- as: olga\n-- expect: ok\nselect 1;\n",
    );
    assert_eq!(t.run(["rls", "test", "--filter", "stranger"]).code, Some(2));
    assert_eq!(
        t.run(["rls", "test", "--filter", "one", "-q"]).code,
        Some(0)
    );
    t.check("rls_test_none");
}

#[tokio::test]
async fn what_keeps_every_test_from_running() {
    let mut t = good().await;
    t.project.write(
        "tests/rls/fixtures.sql",
        "select 1;\ninsert into notes (owner)\n  values (1);",
    );
    assert_eq!(t.run(["rls", "test"]).code, Some(2));
    t.project.write("tests/rls/fixtures.sql", FIXTURES);
    let actors = ACTORS.replace("role = \"anon\"", "role = \"nowhere to be found\"");
    t.project.write("tests/rls/actors.toml", actors);
    assert_eq!(t.run(["rls", "test"]).code, Some(2));
    t.project.write("tests/rls/actors.toml", ACTORS);
    let settings = t.project.read("grace-migrate.toml");
    let marked = settings.replace("\n# production = true\n", "\nproduction = true\n");
    assert_ne!(settings, marked);
    t.project.write("grace-migrate.toml", marked);
    assert_eq!(t.run(["rls", "test"]).code, Some(2));
    // Nothing is tried out by these.
    assert_eq!(t.project.grace(["rls", "test", "--list"]).code, Some(0));
    assert_eq!(t.project.grace(["rls", "test", "--pgtap"]).code, Some(0));
    assert_eq!(t.database().query("select * from notes").await, "");
    t.check("rls_test_refused");
}

/// Runs what `--pgtap` wrote beside the stand-ins, as the superuser, and gives the TAP.
async fn pgtap(t: &Transcript) -> Vec<String> {
    let sql = t.project.grace(["rls", "test", "--pgtap"]).success().stdout;
    // psql would read the rows of COPY from the script.
    assert!(!sql.contains("\\."), "{sql}");
    let messages = match t.database().client().simple_query(&sql).await {
        Ok(messages) => messages,
        Err(error) => panic!("{error:?}\nin: {sql}"),
    };
    let lines = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    lines.collect()
}

#[tokio::test]
async fn what_is_written_for_pgtap_runs() {
    let t = good().await;
    let rows = "insert into notes (owner_id, body) values ('o', 'first'), ('o', null), ('x', 'other'), \
                ('x', 'it''s (mine), <b>&');\n-- the end";
    t.project.write("tests/rls/fixtures.sql", rows);
    let more = MORE.replace(
        "copy notes (owner_id, body) from stdin;\no\tb\n\\.",
        "insert into notes (owner_id, body) values ('o', 'b');",
    );
    t.project.write("tests/rls/more.test.sql", more);
    t.database().run(include_str!("rls_test/pgtap.sql")).await;
    let ran = t.project.grace(["rls", "test"]);
    assert_eq!(ran.code, Some(0), "{ran}");

    let lines = pgtap(&t).await;
    let planned: usize = lines[0].strip_prefix("1..").unwrap().parse().unwrap();
    assert!(planned > 15, "{lines:#?}");
    assert_eq!(lines.len(), planned + 1, "{lines:#?}");
    let (last, results) = lines[1..].split_last().unwrap();
    for (index, line) in results.iter().enumerate() {
        let passes = format!("ok {} - tests/rls/", index + 1);
        assert!(line.starts_with(&passes), "{line}");
    }
    assert_eq!(*last, format!("ok {planned} - every test has run"));
    assert_eq!(t.database().query("select * from notes").await, "");

    // Both see a policy that is widened, in the same tests.
    t.database()
        .run("alter policy own on notes using (true)")
        .await;
    let failed = |lines: Vec<String>| -> Vec<String> {
        let lines = lines.iter().filter_map(|line| line.strip_prefix("not ok "));
        let names = lines.map(|line| line.split_once("rls/").unwrap().1.to_owned());
        let mut files: Vec<String> = names
            .map(|name| name.split(", line").next().unwrap().to_owned())
            .collect();
        files.dedup();
        files
    };
    let report = t.project.grace(["rls", "test", "--format", "json"]).json();
    let tests = report["tests"].as_array().unwrap().iter();
    let ours: Vec<String> = tests
        .filter(|one| one["outcome"] == "failed")
        .map(|one| {
            let path = one["path"].as_str().unwrap().strip_prefix("tests/rls/");
            format!("{}: {}", path.unwrap(), one["name"].as_str().unwrap())
        })
        .collect();
    assert_eq!(failed(pgtap(&t).await), ours);
    assert_eq!(ours.len(), 5, "{ours:?}");
}

#[tokio::test]
async fn what_is_written_for_pgtap() {
    let odd = "-- test: odd # TODO
-- as: stan
-- expect: ok
copy notes (owner_id) from stdin;
o
\\.
-- expect: error 42501
copy notes (owner_id) from stdin;
\\.
-- expect: error 42501 /100%_\\/
select $sql$ it's $sql$;
-- expect: some rows
select 1;
-- expect: rows in order ('it''s', null)
delete from notes returning body, null;
-- reset
select 'ok 1';
-- expect: affected 2
delete from notes;
";
    let set_up =
        "select 'ok 1';\n-- as: olga\n-- expect: some rows\nupdate notes set body = 'a';\n";
    let mut t = project([("more", MORE), ("odd", odd), ("set_up", set_up)]).await;
    t.ok(["rls", "test", "--pgtap"]);
    t.check("rls_test_pgtap");
}

/// A signal ends the statement that runs, and everything is rolled back.
#[tokio::test]
async fn a_signal_ends_it() {
    let slow = "-- as: migrator\n-- expect: ok\ninsert into notes (owner_id) select 'o' from pg_sleep(60);\n";
    let t = project([("slow", slow)]).await;
    let mut command = t.project.command(["rls", "test"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let sleeps = "select count(*) from pg_stat_activity where datname = current_database() \
                  and wait_event = 'PgSleep'";
    let mut looks = 0;
    while t.database().query(sleeps).await != "1" {
        looks += 1;
        assert!(looks < 1_000, "it does not run");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let output = Output::from(child.wait_with_output().unwrap());
    assert_eq!(output.code, Some(130), "{output}");
    let told = "error[interrupted]: interrupted\n  everything was rolled back\n";
    assert!(output.stderr.contains(told), "{output}");
    assert_eq!(output.stdout, "");
    assert_eq!(t.database().query(sleeps).await, "0");
    assert_eq!(t.database().query("select * from notes").await, "");
}

/// All of it is one transaction, so that it can go through a transaction pooler.
#[tokio::test]
async fn behind_a_pooler_it_is_the_same() {
    let mut t = good().await;
    let settings = t.project.read("grace-migrate.toml");
    let allowed = settings.replace("\n[run]\n", "\n[run]\nallow-pooler = true\n");
    assert_ne!(settings, allowed);
    t.project.write("grace-migrate.toml", allowed);
    let output = t.ok(["rls", "test"]);
    assert!(output.stderr.starts_with("7 tests: 7 passed"), "{output}");
    t.project.write("tests/rls/bad.test.sql", BAD);
    assert_eq!(t.run(["rls", "test"]).code, Some(1));
    assert_eq!(t.database().query("select * from notes").await, "");
}
