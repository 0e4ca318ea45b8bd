//! Commands that only read create nothing, and need no right to.

use super::case::{Case, shows};

const READS: [&str; 14] = [
    "current",
    "status",
    "current -v",
    "current --check-heads",
    "history",
    "history -i",
    "history -r current:",
    "heads",
    "branches",
    "show head",
    "show current",
    "log",
    "upgrade head --dry-run",
    "upgrade head --sql",
];

/// A user who may connect and read `alembic_version`, and nothing else.
async fn reader(case: &Case) -> String {
    let role = format!("{}_reader", case.database.name());
    case.database
        .run(&format!(
            "create role {role} login nosuperuser;
             revoke all on schema public from public;
             grant usage on schema public to {role};"
        ))
        .await;
    case.database.url_as(&role)
}

async fn forget(case: &Case) {
    let role = format!("{}_reader", case.database.name());
    case.database
        .run(&format!("drop owned by {role}; drop role {role}"))
        .await;
}

#[tokio::test]
async fn an_empty_database_stays_empty() {
    let mut case = Case::new().await;
    case.graph("a b<a c<a");
    let empty = case.state().await;
    let own = case.database.url();
    let reader_url = reader(&case).await;
    let closed = case.state().await;
    for url in [own, reader_url] {
        case.project.env("DATABASE_URL", url);
        for words in READS {
            let words = words.replace("head ", "heads ");
            let output = case.grace(&words);
            let expected = match words.as_str() {
                "current --check-heads" => 1,
                "show head" => 2,
                _ => 0,
            };
            assert_eq!(output.code, Some(expected), "{words}: {output}");
        }
    }
    assert_eq!(case.state().await, closed);
    assert_eq!(closed.lines().count(), empty.lines().count());
    forget(&case).await;
}

#[tokio::test]
async fn a_reader_of_the_version_table_sees_where_the_database_stands() {
    let mut case = Case::new().await;
    case.graph("a b<a");
    case.run("create table alembic_version (version_num varchar(32) primary key)")
        .await;
    case.ok("upgrade a");
    let url = reader(&case).await;
    let role = format!("{}_reader", case.database.name());
    case.database
        .run(&format!("grant select on alembic_version to {role}"))
        .await;
    let before = case.state().await;
    case.project.env("DATABASE_URL", url);
    shows(&case.ok("current"), &["a"]);
    case.ok("history -i");
    // What needs the history says that it may not read it, and never that there is none.
    for words in ["log", "upgrade head --dry-run", "upgrade head", "stamp b"] {
        let output = case.grace(words);
        assert_eq!(output.code, Some(2), "{words}: {output}");
        shows(&output, &["42501"]);
    }
    assert_eq!(case.state().await, before);
    assert_eq!(case.rows().await, "a");
    forget(&case).await;
}

#[tokio::test]
async fn a_user_who_may_create_nothing_is_told_so() {
    let mut case = Case::new().await;
    case.graph("a");
    let url = reader(&case).await;
    case.project.env("DATABASE_URL", url);
    let before = case.state().await;
    for words in ["upgrade head", "stamp head", "ensure-version"] {
        let output = case.grace(words);
        assert_eq!(output.code, Some(2), "{words}: {output}");
        shows(&output, &["42501"]);
    }
    assert_eq!(case.state().await, before);
    forget(&case).await;
}
