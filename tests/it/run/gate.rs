//! The gate of row-level security: what a revision makes is judged before its COMMIT.

use super::case::{Case, shows};
use crate::grace::setup::ROLES_SQL;

/// A table that nobody of the API is let into.
const CLOSED: &str = "create table closed (id int);
alter table closed enable row level security;
create policy nobody on closed for select to authenticated using (false);
grant select on closed to authenticated;";

/// One that everybody may read.
const OPEN: &str = "create table open (id int);\ngrant select on open to anon;";

async fn gated() -> Case {
    let case = Case::new().await;
    case.database.run(ROLES_SQL).await;
    case.settings("[rls]\ngate = true\n");
    case.up("a", "", CLOSED);
    case
}

#[tokio::test]
async fn a_new_mistake_rolls_the_revision_back() {
    let case = gated().await;
    let passed = case.ok("upgrade head");
    assert!(
        passed
            .stdout
            .contains("RLS gate: 1 step judged, nothing new"),
        "{passed}"
    );
    case.up("b", "a", OPEN);
    case.table("c", "b");
    for words in [
        "upgrade head",
        "upgrade head --rehearse",
        "upgrade head --transaction all",
        "upgrade head --no-rls-gate --rls-gate",
    ] {
        let output = case.fails(words, 4, "step-failed");
        shows(
            &output,
            &[
                "upgrade to `b` failed: the RLS gate finds 1 mistake that was not there before it",
                "error[rls_disabled_in_public]",
                "versions/b.up.sql:3:1",
                "alter table public.open enable row level security",
                "rolled back",
                "the database stands at a",
                "[[rls.allow]]",
            ],
        );
        assert_eq!(case.rows().await, "a", "{words}");
        assert_eq!(case.tables().await, "closed", "{words}");
    }

    // What stands is not held against the next revision.
    case.ok("upgrade b --no-rls-gate");
    let passed = case.ok("upgrade head");
    shows(&passed, &["RLS gate", "1 finding stands"]);
    assert_eq!(case.rows().await, "c");
}

#[tokio::test]
async fn a_finding_that_gets_worse_is_a_new_one() {
    let case = gated().await;
    case.up(
        "b",
        "a",
        "create table truncated (id int);
         alter table truncated enable row level security;
         create policy nobody on truncated for select to authenticated using (false);
         grant select, truncate on truncated to authenticated;",
    );
    case.ok("upgrade head --no-rls-gate");
    case.up("c", "b", "grant truncate on truncated to anon;");
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(&output, &["[truncate_past_policies]", "anon"]);
    assert_eq!(case.rows().await, "b");
}

#[tokio::test]
async fn what_is_allowed_passes_and_notes_do_too() {
    let case = gated().await;
    case.settings(
        "[rls]\ngate = true\n[[rls.allow]]\nrule = \"rls_disabled_in_public\"\n\
         object = \"public.open\"\nreason = \"everybody may\"\n",
    );
    case.up("b", "a", OPEN);
    case.up(
        "c",
        "b",
        "create table silent (id int);\nalter table silent enable row level security;",
    );
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "c");
}

#[tokio::test]
async fn what_does_not_change_the_catalog_is_not_judged_again() {
    let case = gated().await;
    case.up("b", "a", "insert into closed values (1);");
    case.up("c", "b", "select 1;");
    case.up("d", "c", "drop policy nobody on closed;");
    for words in ["upgrade head --rehearse", "upgrade head"] {
        let report = case.ok(&format!("{words} --format json")).json();
        let gate = &report["rls_gate"];
        assert_eq!(gate["steps_judged"], 4, "{words}");
        assert_eq!(gate["steps_unchanged"], 2, "{words}");
    }
    case.down("d", "alter table closed disable row level security;");
    let report = case.ok("downgrade -1 --format json").json();
    assert!(
        report["rls_gate"].is_null(),
        "what takes back is not kept from it"
    );
}

#[tokio::test]
async fn a_script_outside_a_transaction_is_judged_when_it_is_done() {
    let case = gated().await;
    case.up("b", "a", &format!("-- transaction: off\n{OPEN}"));
    case.table("c", "b");
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(
        &output,
        &[
            "the RLS gate finds 1 mistake",
            "it runs outside a transaction: what it did stays, and is recorded",
            "the database stands at b",
        ],
    );
    assert_eq!(case.rows().await, "b");
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "c");
}
