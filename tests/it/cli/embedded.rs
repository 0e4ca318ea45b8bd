//! The embedded server: `db`, and every command that uses it says so.

use super::transcript::Transcript;

#[test]
fn from_first_start_to_reset() {
    let mut t = Transcript::embedded();
    t.revision(
        "a1",
        "message: a table",
        "create table t (a int);",
        "drop table t;",
    );
    t.ok(["db", "status"]);
    t.run(["db", "url"]);
    t.ok(["upgrade"]);
    t.ok(["current"]);
    t.ok(["db", "status"]);
    t.ok(["db", "start"]);
    t.ok(["db", "start"]);
    t.ok(["current"]);
    t.ok(["current", "-q"]);
    t.ok(["db", "url"]);
    t.ok(["db", "status", "--format", "json"]);
    t.ok(["db", "shell", "--", "-Atc", "select count(*) from t"]);
    t.run(["db", "shell", "--", "-Atc", "select nonsense"]);
    t.ok(["db", "stop"]);
    t.ok(["db", "stop"]);
    t.run(["db", "reset"]);
    t.ok(["db", "reset", "--yes"]);
    t.run(["db", "status", "--url", "postgres://app@db.example/app"]);
    t.check("db");
}
