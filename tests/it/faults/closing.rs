//! `rls close` whose link is lost at COMMIT, and behind a transaction pooler.

use crate::grace::setup::ROLES_SQL;
use crate::run::case::{Case, shows};
use crate::support::{Fault, Message, PgBouncer, Proxy};

/// A table that `anon` may read and empty.
const OPEN: &str = "create table notes (id int); grant select, truncate on notes to anon";

/// What `anon` may do with it, and how many closings are in the log.
const STANDS: &str = "select has_table_privilege('anon', 'notes', 'select, truncate'), \
    (xpath('/row/n/text()', query_to_xml(case when to_regclass('grace_migrate.closings') is null \
        then 'select 0 as n' else 'select count(*) as n from grace_migrate.closings' end, \
        false, true, '')))[1]";

fn at_commit(message: &Message<'_>) -> bool {
    message.text.starts_with("commit")
}

async fn open() -> (Case, Proxy) {
    let (case, proxy) = Case::behind_proxy().await;
    case.database.run(ROLES_SQL).await;
    case.run(OPEN).await;
    (case, proxy)
}

/// F05: the link is cut before the COMMIT of `rls close` is forwarded: nothing is closed, and said so.
#[tokio::test]
async fn f05_link_cut_before_the_commit_of_a_closing() {
    let (case, proxy) = open().await;
    proxy.strike(Fault::CutBefore, at_commit);
    let output = case.fails("rls close notes", 3, "connection-lost");
    assert!(proxy.has_struck());
    shows(&output, &["the rights are as they were", "again"]);
    assert_eq!(case.query(STANDS).await, "t|0");
    case.ok("rls close notes");
    assert_eq!(case.query(STANDS).await, "f|1");
}

/// F06: the link is cut after the COMMIT of `rls close` and of `rls open`: known committed, and recorded
/// once.
#[tokio::test]
async fn f06_reply_to_the_commit_of_a_closing_lost() {
    let (case, proxy) = open().await;
    proxy.strike(Fault::CutAfter, at_commit);
    let output = case.ok("rls close notes");
    assert!(proxy.has_struck());
    shows(
        &output,
        &["closed public.notes", "the link was lost at COMMIT"],
    );
    assert_eq!(case.query(STANDS).await, "f|1");
    proxy.strike(Fault::CutAfter, at_commit);
    shows(&case.ok("rls open notes"), &["opened public.notes"]);
    assert_eq!(case.query(STANDS).await, "t|2");
}

/// F06: the link is cut after the COMMIT of `rls close`, and the server stays away: exit 5, with the query
/// that tells.
#[tokio::test]
async fn f06_server_stays_away_from_a_closing() {
    let (case, proxy) = open().await;
    case.settings("[run]\ncommit-timeout = \"1s\"");
    proxy.strike(Fault::CutAfter, at_commit);
    proxy.then_stay_away();
    let output = case.fails("rls close notes", 5, "outcome-unknown");
    shows(&output, &["half of them never are", "pg_xact_status"]);
    assert_eq!(case.query(STANDS).await, "f|1");
}

/// F13: `rls close` and `rls open` behind a transaction pooler: refused, and with `--allow-pooler` as
/// without one.
#[tokio::test]
async fn f13_a_closing_behind_a_pooler() {
    let Some(pooler) = PgBouncer::start("pool_mode = transaction") else {
        return;
    };
    let mut case = Case::of_superuser().await;
    case.database.run(ROLES_SQL).await;
    case.run(OPEN).await;
    let url = pooler.url(case.database.name());
    case.project.env("DATABASE_URL", url);
    case.fails("rls close notes", 2, "transaction-pooler");
    assert_eq!(case.query(STANDS).await, "t|0");
    case.ok("rls close notes --allow-pooler --dry-run");
    assert_eq!(case.query(STANDS).await, "t|0");
    case.ok("rls close notes --allow-pooler");
    assert_eq!(case.query(STANDS).await, "f|1");
    case.ok("rls open notes --allow-pooler");
    assert_eq!(case.query(STANDS).await, "t|2");
    assert_eq!(case.locks().await, "0");
}
