//! Where scripts come from and where they go: poolers, standbys, TLS, hostile names and files.

use crate::run::case::{Case, shows};
use crate::support::PgBouncer;

/// How a pooler hands out its servers: one for all, several, several in turn.
const POOLS: [&str; 3] = [
    "pool_mode = transaction\ndefault_pool_size = 1",
    "pool_mode = transaction\nmin_pool_size = 3",
    "pool_mode = transaction\nmin_pool_size = 3\nserver_round_robin = 1",
];

/// F13: a transaction pooler behind a direct-looking URL: every command that connects is refused, and nothing is set or locked behind it.
#[tokio::test]
async fn f13_a_transaction_pooler_behind_a_direct_looking_url() {
    for settings in POOLS {
        let Some(pooler) = PgBouncer::start(settings) else {
            return;
        };
        let mut case = Case::new().await;
        case.table("a", "");
        let before = case.state().await;
        case.project
            .env("DATABASE_URL", pooler.url(case.database.name()));
        for words in [
            "upgrade head",
            "upgrade head --dry-run",
            "stamp head",
            "current",
        ] {
            let output = case.fails(words, 2, "transaction-pooler");
            shows(&output, &["nothing was", "session mode"]);
        }
        assert_eq!(case.state().await, before);
        assert_eq!(case.locks().await, "0");
        // Whoever is given the same server next finds it as it was.
        let next = crate::support::connect(&pooler.url(case.database.name())).await;
        let path = crate::support::query(&next, "show search_path").await;
        assert_eq!(path, "\"$user\", public");
    }
}

/// F13: a pooler in session mode behind the same URL: each client has a server of its own, and the run goes through.
#[tokio::test]
async fn f13_a_session_pooler_is_let_pass() {
    let Some(pooler) = PgBouncer::start("pool_mode = session") else {
        return;
    };
    let mut case = Case::new().await;
    case.graph("a b<a");
    case.project
        .env("DATABASE_URL", pooler.url(case.database.name()));
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "b");
}
