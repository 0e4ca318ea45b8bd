//! `status`: one screen about a database, before, amid and after.

use super::transcript::Transcript;

#[tokio::test]
async fn a_revision_that_stopped_on_its_way() {
    let mut t = Transcript::with_database().await;
    t.run(["status", "--check"]);
    t.revision(
        "a1",
        "message: a table",
        "create table t (n int);\ninsert into t values (1), (1);",
        "drop table t;",
    );
    let script = "insert into t values (2);\n\ncreate unique index concurrently t_n on t (n);";
    t.revision("b1", "revises: a1\ntransaction: off", script, "");
    t.run(["status"]);
    t.run(["upgrade"]);
    t.run(["status", "--check"]);
    t.ok(["status", "--format", "json"]);
    t.database().run("delete from t").await;
    t.ok(["upgrade"]);
    t.ok(["status", "--check"]);
    t.note("an applied script is edited");
    t.revision("a1", "message: a table", "create table t (n bigint);", "");
    t.run(["status", "--check"]);
    t.check("status");
}

#[tokio::test]
async fn a_database_whose_journal_has_an_older_shape() {
    let mut t = Transcript::with_database().await;
    t.revision(
        "a1",
        "transaction: off",
        "create table t (n int);\nselect 1/0;",
        "",
    );
    assert_eq!(t.project.grace(["upgrade"]).code, Some(4));
    t.database()
        .run(
            "alter table grace_migrate.journal drop line, drop sql, drop atomic, \
                 drop indexes_before, drop failed_at, drop sqlstate, drop message; \
             drop table grace_migrate.closings; \
             delete from grace_migrate.schema_version where version >= 3",
        )
        .await;
    let report = t.ok(["status", "--format", "json"]).json();
    assert_eq!(report["partial"][0]["statements_done"], 1);
    assert_eq!(report["partial"][0]["stopped"]["statement"], 2);
    assert_eq!(
        report["partial"][0]["stopped"]["line"],
        serde_json::Value::Null
    );
    // What an older version began and nobody completed is not guessed; what it did is done.
    let output = t.run(["upgrade"]);
    assert_eq!(output.code, Some(4), "{output}");
    assert!(output.stderr.contains("began statement 2"), "{output}");
}
