//! A version table that does not say what the history does: `verify` and `repair`.

use std::path::PathBuf;

use grace_migrate::clock::Clock;
use grace_migrate::config::{CliOverrides, Environment, Settings};
use grace_migrate::migrator::report::{Repair, RepairAction, RepairOutcome};
use grace_migrate::migrator::{Control, Migrator, RepairRequest};

use super::case::{Case, shows};

#[tokio::test]
async fn rows_that_are_gone_stop_a_run_and_are_restored() {
    let case = Case::of_owner().await;
    case.graph("a b<a c<a d<b");
    case.ok("upgrade b");
    case.ok("upgrade c");
    for injected in ["drop table alembic_version", "truncate alembic_version"] {
        case.database.run(injected).await;
        let before = (case.state().await, case.history().await);
        for words in [
            "upgrade head",
            "upgrade d",
            "upgrade heads --dry-run",
            "upgrade d --sql",
            "downgrade base",
            "downgrade -1",
        ] {
            let output = case.fails(words, 2, "history-disagrees");
            let hints = [
                "3 revisions",
                "`grace-migrate repair`",
                "stamp b c",
                "stamp base",
            ];
            shows(&output, &hints);
        }
        let output = case.grace("verify");
        assert_eq!(output.code, Some(1), "{output}");
        assert_eq!(
            (case.state().await, case.history().await),
            before,
            "{injected}"
        );
        case.ok("repair --yes");
        assert_eq!(case.rows().await, "b c");
        case.ok("verify");
    }
    // Where the schema went with it, whoever knows it says so.
    case.database
        .run("drop table a, b, c, alembic_version")
        .await;
    case.ok("stamp base");
    assert!(
        case.history()
            .await
            .ends_with("unstamped:a unstamped:b unstamped:c")
    );
    case.ok("upgrade heads");
    case.ok("verify");
    assert_eq!(case.tables().await, "a b c d");
}

#[tokio::test]
async fn rows_that_overlap_or_are_there_twice_are_taken_out() {
    let case = Case::new().await;
    case.graph("a b<a c<b x y<x^b");
    case.ok("upgrade heads");
    assert_eq!(case.rows().await, "c y");
    case.database
        .run(
            "alter table alembic_version drop constraint alembic_version_pkc;
             insert into alembic_version values ('a'), ('x'), ('c'), ('c'), ('a')",
        )
        .await;
    let output = case.grace("verify");
    assert_eq!(output.code, Some(1), "{output}");
    shows(
        &output,
        &[
            "`a`, which its row",
            "`x`, which its row `y` implies",
            "`a` more than once",
            "`c` more than once",
        ],
    );
    case.ok("repair --yes");
    assert_eq!(case.rows().await, "c y");
    case.ok("verify");
    let appended = case.history().await;
    assert!(
        appended.ends_with("stamped:a stamped:x stamped:c"),
        "{appended}"
    );
    case.ok("repair --yes");
    assert_eq!(
        case.history().await,
        appended,
        "there was nothing left to do"
    );
}

#[tokio::test]
async fn a_repair_is_confirmed_and_is_what_was_confirmed() {
    let case = Case::new().await;
    case.graph("a b<a c<b");
    case.ok("upgrade head");
    case.database
        .run("insert into alembic_version values ('a')")
        .await;
    case.fails("repair", 2, "unconfirmed");
    assert_eq!(case.rows().await, "a c");

    let overrides = CliOverrides {
        url: Some(case.database.url()),
        ..CliOverrides::default()
    };
    let folder: PathBuf = case.project.path();
    let environment = Environment::new([("DATABASE_URL", case.database.url())]);
    let settings = Settings::resolve(&overrides, &environment, &folder).unwrap();
    let migrator = Migrator::load(settings, environment, Clock::System).unwrap();
    let (request, control) = (RepairRequest::default(), Control::silent());
    let moved = async |planned: &Repair| {
        assert_eq!(planned.outcome, RepairOutcome::Planned);
        assert_eq!(planned.changes[0].change, RepairAction::DeleteRow);
        case.database
            .run("insert into alembic_version values ('b')")
            .await;
        true
    };
    let error = migrator
        .repair(&request, moved, &control)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "repair-moved");
    assert_eq!(case.rows().await, "a b c");
    let refused = migrator.repair(&request, async |_| false, &control).await;
    assert_eq!(refused.unwrap_err().code(), "unconfirmed");
    assert_eq!(case.rows().await, "a b c");
    let report = migrator.repair(&request, async |_| true, &control).await;
    assert_eq!(report.unwrap().to, ["c"]);
    assert_eq!(case.rows().await, "c");
    assert_eq!(case.locks().await, "0");
}

#[tokio::test]
async fn an_adopted_database_gets_its_history() {
    let case = Case::of_owner().await;
    case.graph("a b<a c<b");
    case.ok("upgrade b");
    case.database.run("drop schema grace_migrate cascade").await;
    let output = case.grace("verify");
    assert_eq!(output.code, Some(1), "{output}");
    shows(
        &output,
        &[
            "error[unrecorded-revisions]",
            "`a`, `b`",
            "`grace-migrate repair`",
        ],
    );
    case.ok("repair --yes");
    assert_eq!(case.history().await, "adopted:a adopted:b");
    case.ok("verify");
    // Undone by us, and applied again by another tool.
    case.ok("downgrade a");
    case.database
        .run("update alembic_version set version_num = 'b'")
        .await;
    let output = case.grace("verify");
    assert_eq!(output.code, Some(1), "{output}");
    shows(&output, &["error[applied-elsewhere]", "`b`"]);
    case.ok("repair --yes");
    assert_eq!(case.history().await, "adopted:a adopted:b -b adopted:b");
    // And undone by it: that has two ways out.
    case.database
        .run("update alembic_version set version_num = 'a'")
        .await;
    let output = case.grace("repair --yes");
    assert_eq!(output.code, Some(1), "{output}");
    shows(
        &output,
        &[
            "error[undone-elsewhere]",
            "`grace-migrate stamp b`",
            "`grace-migrate stamp current`",
        ],
    );
    case.ok("stamp current");
    assert_eq!(case.rows().await, "a");
    case.ok("verify");
}
