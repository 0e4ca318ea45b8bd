//! What fails on the way, what became of it, and where the database stands.

use super::transcript::Transcript;

#[tokio::test]
async fn statements() {
    let mut t = Transcript::with_database().await;
    t.revision(
        "a1",
        "message: fine",
        "create table t (a int primary key);",
        "drop table t;",
    );
    t.revision(
        "b1",
        "revises: a1\nmessage: it fails",
        "insert into t values (1);\ninsert into t\n  values (1);",
        "select 1;",
    );
    t.run(["upgrade"]);
    t.run(["upgrade", "--transaction", "all"]);
    t.run(["upgrade", "--rehearse"]);
    t.run(["upgrade", "-q"]);
    t.run(["upgrade", "--format", "json"]);
    t.revision("b1", "revises: a1", "create tabel u ();", "");
    t.run(["upgrade"]);
    t.revision("b1", "revises: a1", "select 1;", "");
    t.project.write(
        "versions/b1.verify.sql",
        "do $$ begin raise 'not so'; end $$;\n",
    );
    t.run(["upgrade"]);
    t.revision(
        "b1",
        "revises: a1\ntransaction: off",
        "create table u ();\nselect 1 / 0;",
        "",
    );
    std::fs::remove_file(t.project.path().join("versions/b1.verify.sql")).unwrap();
    t.run(["upgrade"]);
    t.run(["downgrade", "base", "--transaction", "all"]);
    t.check("failures_statements");
}

#[tokio::test]
async fn scripts_that_cannot_run() {
    let mut t = Transcript::with_database().await;
    t.revision("a1", "", "begin;\ncreate table t ();\ncommit;", "");
    t.run(["upgrade"]);
    t.revision("a1", "", "create index concurrently on t (a);", "");
    t.run(["upgrade"]);
    t.revision("a1", "", "select 'it never ends;", "");
    t.run(["upgrade"]);
    t.revision("a1", "transaction: off", "select 1;", "");
    t.run(["upgrade", "--rehearse"]);
    t.run(["upgrade", "--transaction", "all"]);
    t.check("failures_unrunnable");
}

#[tokio::test]
async fn tables_and_servers_that_are_not_ours() {
    let mut t = Transcript::with_database().await;
    t.revision("a1", "", "select 1;", "select 1;");
    t.database()
        .run("create table public.alembic_version (id int)")
        .await;
    t.run(["upgrade"]);
    t.database().run("drop table public.alembic_version").await;
    t.project
        .env("GRACE_MIGRATE_VERSION_TABLE_SCHEMA", "nowhere");
    t.project.write(
        "grace-migrate.toml",
        "url = \"${DATABASE_URL}\"\n[version-table]\nschema = \"nowhere\"\n",
    );
    t.run(["upgrade"]);
    t.project
        .write("grace-migrate.toml", "url = \"${DATABASE_URL}\"\n");
    let name = t.database().name().to_owned();
    let read_only = format!("alter database {name} set default_transaction_read_only = on");
    t.database().run(&read_only).await;
    t.run(["upgrade"]);
    t.check("failures_tables");
}

#[tokio::test]
async fn holes() {
    let mut t = Transcript::with_database().await;
    t.revision("b1", "", "select 1;", "select 1;");
    t.ok(["upgrade"]);
    t.revision("a1", "message: put beneath", "select 1;", "select 1;");
    t.revision("b1", "revises: a1", "select 1;", "select 1;");
    t.run(["upgrade"]);
    t.ok(["current"]);
    t.check("failures_hole");
}

#[tokio::test]
async fn a_lock_that_is_held() {
    let mut t = Transcript::with_database().await;
    t.revision("a1", "message: it waits", "select pg_sleep(20);", "");
    let mut first = t.project.command(["upgrade", "-q"]);
    let mut first = first.stderr(std::process::Stdio::null()).spawn().unwrap();
    let asked = "select count(*) from pg_stat_activity where datname = current_database() \
                 and query like '%pg_sleep(20)%' and pid <> pg_backend_pid()";
    while t.database().query(asked).await == "0" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    t.run(["upgrade", "--lock-wait", "1s"]);
    let end = "select pg_terminate_backend(pid) from pg_stat_activity \
               where datname = current_database() and query like '%pg_sleep(20)%' \
               and pid <> pg_backend_pid()";
    t.database().query(end).await;
    assert_ne!(first.wait().unwrap().code(), Some(0));
    t.check("failures_locked");
}
