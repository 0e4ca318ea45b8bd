//! `rls matrix`: who reaches which rows, really tried.

use std::fs;

use super::transcript::Transcript;
use crate::grace::setup::ROLES_SQL;
use crate::support::Output;

const ACTORS: &str = r#"
[[actor]]
name = "olga"
role = "authenticated"
claims = { sub = "olga" }

[[actor]]
name = "anon"
role = "anon"

[owner]
"public.given" = "owner_id"
"public.held" = "owner_id"
"public.blind" = "blind.owner_id"
"public.columns" = "owner_id"
"public.events" = "owner_id"
"public.events_low" = "owner_id"
"public.endless" = "owner_id"
"public.stubborn" = "owner_id"
'public."No ""Table"' = '"Owner"'
"#;

const FIXTURES: &str = r#"
insert into given values (1, 'olga'), (2, 'carl'), (3, 'stan'), (4, 'stan');
insert into held select * from given;
insert into blind values (1, 'olga'), (2, 'carl');
insert into child values (1, 2);
insert into columns (owner_id, secret) values ('olga', 'a'), ('carl', 'b'), ('carl', 'c');
insert into events values (1, 'olga'), (2, 'carl'), (11, 'olga'), (12, 'carl');
insert into endless values (1, 'olga'), (2, 'carl');
insert into stubborn values (1, 'olga'), (2, 'carl');
insert into "No ""Table" values (1, 'olga'), (2, 'carl');
insert into closed.open values (1);
select nextval('nothing_id_seq');
"#;

/// A project whose database has a table for each thing that is hard to try.
async fn hard() -> Transcript {
    let t = Transcript::with_database().await;
    t.database().run(ROLES_SQL).await;
    t.database().run(include_str!("rls/matrix.sql")).await;
    t.project.write("tests/rls/actors.toml", ACTORS);
    t.project.write("tests/rls/fixtures.sql", FIXTURES);
    t
}

/// Changes a line of the settings.
fn set(t: &Transcript, old: &str, new: &str) {
    let settings = t.project.read("grace-migrate.toml");
    assert!(settings.contains(old), "{old}");
    t.project
        .write("grace-migrate.toml", settings.replace(old, new));
}

#[track_caller]
fn ends<const N: usize>(t: &mut Transcript, arguments: [&str; N], code: i32) -> Output {
    let output = t.run(arguments);
    assert_eq!(output.code, Some(code), "{output}");
    output
}

/// Runs the program, whose answer must be no.
#[track_caller]
fn no<const N: usize>(t: &mut Transcript, arguments: [&str; N]) -> Output {
    ends(t, arguments, 1)
}

/// Runs the program, which must refuse.
#[track_caller]
fn fails<const N: usize>(t: &mut Transcript, arguments: [&str; N]) -> Output {
    ends(t, arguments, 2)
}

#[tokio::test]
async fn what_is_hard_to_try() {
    let mut t = hard().await;
    set(
        &t,
        r#"schemas = ["public"]"#,
        r#"schemas = ["public", "closed"]"#,
    );
    t.ok(["rls", "matrix"]);
    t.ok([
        "rls",
        "matrix",
        "--format",
        "json",
        "-t",
        "given",
        "-t",
        "public.columns",
        "--actor",
        "olga",
    ]);
    t.check("rls_matrix");
}

/// What is kept, and how a change is told.
#[tokio::test]
async fn what_is_kept() {
    let mut t = hard().await;
    t.ok(["rls", "matrix", "--write"]);
    let kept = t.project.read("tests/rls/matrix.md");
    t.ok(["rls", "matrix", "--expect"]);
    let printed = t.project.grace(["rls", "matrix", "--format", "markdown"]);
    assert_eq!(printed.stdout, kept);
    t.ok([
        "rls", "matrix", "--expect", "-t", "held", "--format", "markdown",
    ]);

    t.database()
        .run(
            "drop policy own on given;
             drop policy own on held;
             create policy own on held to authenticated using (true);
             revoke all on blind from authenticated;
             create table added (id int);
             drop table nothing",
        )
        .await;
    let actors = t.project.read("tests/rls/actors.toml");
    let renamed = actors.replace(r#"name = "anon""#, r#"name = "nobody""#);
    t.project.write("tests/rls/actors.toml", renamed);
    let fixtures = t.project.read("tests/rls/fixtures.sql");
    let fixtures = fixtures.replace("select nextval('nothing_id_seq');", "");
    t.project.write("tests/rls/fixtures.sql", fixtures);
    no(&mut t, ["rls", "matrix", "--expect"]);
    t.project.write("other.md", kept.replace("| own+", "| own"));
    no(
        &mut t,
        [
            "rls", "matrix", "--expect", "other.md", "-t", "held", "-a", "olga",
        ],
    );
    let json = t
        .project
        .grace(["rls", "matrix", "--expect", "--format", "json"]);
    assert_eq!(json.code, Some(1));
    assert_eq!(json.json()["expected"], "tests/rls/matrix.md");
    let kinds = json.json()["differences"].to_string();
    for kind in ["table", "actor", "cell", "pinned"] {
        assert!(kinds.contains(&format!(r#""kind":"{kind}""#)), "{kind}");
    }
    t.check("rls_matrix_kept");
}

#[tokio::test]
async fn nothing_stays_but_the_values_of_sequences() {
    let t = hard().await;
    let dump = "select jsonb_agg(x) from (
            select c.oid::regclass, c.relname, c.relacl, s.n_tup_ins
              from pg_class c left join pg_stat_xact_all_tables s on s.relid = c.oid
             where c.relnamespace = 'public'::regnamespace and c.relkind <> 'S' order by 1) x";
    let before = t.database().query(dump).await;
    t.project.grace(["rls", "matrix"]).success();
    assert_eq!(t.database().query(dump).await, before);
    for table in ["given", "blind", "child", "columns", "events", "stubborn"] {
        let rows = t.database().query(&format!("select * from {table}")).await;
        assert_eq!(rows, "", "{table}");
    }
    let made = "select to_regclass('alembic_version'), to_regnamespace('grace_migrate')";
    assert_eq!(t.database().query(made).await, "|");
    let taken = t
        .database()
        .query("select last_value, is_called from nothing_id_seq")
        .await;
    assert_eq!(taken, "1|t", "as the docs say");
}

/// Rows that were there before are tried too, and are not touched.
#[tokio::test]
async fn rows_that_are_there() {
    let mut t = hard().await;
    t.database()
        .run("insert into held values (7, 'olga')")
        .await;
    // Our own table is not the project's.
    t.ok(["ensure-version"]);
    let all = t.project.grace(["rls", "matrix", "--format", "json"]);
    assert!(!all.success().stdout.contains("\"table\": \"public.alembic"));
    let row = "select ctid, xmin, xmax, * from held";
    let before = t.database().query(row).await;
    fs::remove_file(t.project.path().join("tests/rls/fixtures.sql")).unwrap();
    let json = t
        .ok(["rls", "matrix", "-t", "held", "--format", "json"])
        .json();
    assert_eq!(json["fixtures"], serde_json::Value::Null);
    assert_eq!(json["tables"][0]["rows"], 1);
    assert_eq!(json["tables"][0]["actors"][0]["commands"]["delete"], "all");
    let after = t.database().query("select ctid, xmin, * from held").await;
    assert!(before.contains("olga") && after.contains("olga"));
    assert_eq!(
        t.database().query("select ctid, xmin from held").await,
        before.split('|').take(2).collect::<Vec<_>>().join("|")
    );
}

/// A row that somebody else holds is no row that a policy keeps: it is no word of the matrix.
#[tokio::test]
async fn a_lock_is_no_answer() {
    let mut t = hard().await;
    t.database()
        .run("insert into held values (7, 'olga')")
        .await;
    set(&t, r#"lock-timeout = "3s""#, r#"lock-timeout = "100ms""#);
    let holder = crate::support::connect(&t.database().url()).await;
    holder
        .batch_execute("begin; select * from held for update")
        .await
        .unwrap();
    let refused = t.run(["rls", "matrix", "-t", "held"]);
    assert!(refused.stderr.contains("SQLSTATE  55P03"), "{refused}");
    assert_eq!(refused.stdout, "");
    holder.batch_execute("rollback").await.unwrap();
    t.ok(["rls", "matrix", "-t", "held"]);
    t.check("rls_matrix_lock");
}

#[tokio::test]
async fn production_is_only_read() {
    let mut t = hard().await;
    t.project.grace(["rls", "matrix", "--write"]).success();
    t.database().run(FIXTURES).await;
    set(&t, "# production = true", "production = true");
    fails(&mut t, ["rls", "matrix"]);
    t.ok([
        "rls",
        "matrix",
        "--read-only",
        "-t",
        "held",
        "-t",
        "columns",
    ]);
    // Of what is kept, what holds for any rows.
    t.database()
        .run("delete from held where owner_id = 'carl'; alter policy own on held using (true)")
        .await;
    let compare = ["rls", "matrix", "--read-only", "--expect", "-t", "held"];
    no(&mut t, compare);
    t.database()
        .run("alter policy own on held using (owner_id = auth.uid())")
        .await;
    t.ok(compare);
    // More rows than can be told from one another.
    t.database()
        .run("insert into events select n % 10, 'olga' from generate_series(1, 5001) n")
        .await;
    let json = t
        .ok([
            "rls",
            "matrix",
            "--read-only",
            "-t",
            "events",
            "--format",
            "json",
        ])
        .json();
    assert_eq!(json["tables"][0]["rows"], 5005);
    let olga = &json["tables"][0]["actors"][0]["commands"];
    assert_eq!(
        olga.to_string(),
        r#"{"select":"5003 of 5005","truncate":"refused"}"#
    );
    // A destination that says otherwise.
    let url = t.database().url();
    let settings = t.project.read("grace-migrate.toml");
    let settings = format!("{settings}\n[destination.dev]\nurl = \"{url}\"\nproduction = false\n");
    t.project.write("grace-migrate.toml", settings);
    fs::remove_file(t.project.path().join("tests/rls/fixtures.sql")).unwrap();
    t.project
        .grace(["--name", "dev", "rls", "matrix", "-t", "held"])
        .success();
    // Another URL for the same project is as precious.
    let refused = t.project.grace(["--url", &url, "rls", "matrix"]);
    assert_eq!(refused.code, Some(2), "{refused}");
    t.check("rls_matrix_production");
}

#[tokio::test]
async fn what_is_refused() {
    let mut t = hard().await;
    fails(&mut t, ["rls", "matrix", "--actor", "olgo"]);
    fails(&mut t, ["rls", "matrix", "--table", "hold"]);
    fails(&mut t, ["rls", "matrix", "--table", "a.b.c"]);
    fails(&mut t, ["rls", "matrix", "--expect"]);
    t.project.write("tests/rls/matrix.md", "## notes\n");
    fails(&mut t, ["rls", "matrix", "--expect"]);
    fails(&mut t, ["rls", "matrix", "--write", "--actor", "olga"]);

    t.project.write(
        "tests/rls/fixtures.sql",
        "insert into held values (1);\ncommit;\n",
    );
    fails(&mut t, ["rls", "matrix"]);
    t.project.write(
        "tests/rls/fixtures.sql",
        "insert into held values (1, 'olga');\ninsert into helt values (1);\n",
    );
    fails(&mut t, ["rls", "matrix"]);
    t.project.write(
        "tests/rls/fixtures.sql",
        "insert into held select n, 'olga' from generate_series(1, 5001) n;\n",
    );
    fails(&mut t, ["rls", "matrix"]);
    t.project.write("tests/rls/fixtures.sql", "");

    let no_owner = ACTORS.replace(
        r#""public.held" = "owner_id""#,
        r#""public.held" = "owner""#,
    );
    t.project.write("tests/rls/actors.toml", no_owner);
    fails(&mut t, ["rls", "matrix"]);

    let stranger = ACTORS.replace(r#"role = "anon""#, r#"role = "nobody_is_this""#);
    t.project.write("tests/rls/actors.toml", stranger);
    fails(&mut t, ["rls", "matrix"]);
    t.project
        .write("tests/rls/actors.toml", "[[actor]]\nname = \"x\"\n");
    fails(&mut t, ["rls", "matrix"]);
    fs::remove_file(t.project.path().join("tests/rls/actors.toml")).unwrap();
    fails(&mut t, ["rls", "matrix"]);
    set(
        &t,
        r#"# fixtures = "tests/rls/fixtures.sql""#,
        r#"fixtures = "nowhere.sql""#,
    );
    t.project.write("tests/rls/actors.toml", ACTORS);
    fails(&mut t, ["rls", "matrix"]);
    assert_eq!(t.database().query("select * from held").await, "");
    t.check("rls_matrix_refused");
}

/// A role that policies bind sees less than there is, and one that is no member cannot try.
#[tokio::test]
async fn who_cannot_try() {
    let mut t = hard().await;
    let owner = t.database().create_owner().await;
    t.database()
        .run(&format!(
            "do $$ declare t regclass; begin
                 for t in select oid from pg_class
                           where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') loop
                     execute format('alter table %s owner to {owner}', t);
                 end loop;
             end $$;
             grant usage on schema auth to {owner}"
        ))
        .await;
    let url = t.database().url_as(&owner);
    t.project.env("DATABASE_URL", url);
    t.project.write(
        "tests/rls/fixtures.sql",
        "insert into held values (1, 'olga');",
    );
    let refused = fails(&mut t, ["rls", "matrix"]);
    assert!(refused.stderr.contains("actor-not-taken"), "{refused}");
    t.database()
        .run(&format!("grant anon, authenticated to {owner}"))
        .await;
    t.project.grace(["rls", "matrix"]).success();
    t.database()
        .run("alter table held force row level security")
        .await;
    t.project.write("tests/rls/fixtures.sql", "");
    let refused = fails(&mut t, ["rls", "matrix"]);
    assert!(refused.stderr.contains("bound-by-policies"), "{refused}");
    t.database()
        .run(&format!("drop owned by {owner} cascade"))
        .await;
}
