//! Links that are lost at the COMMIT of what no script belongs to: `stamp`, `repair`, adopting.

use super::commit::at_commit;
use super::signals::{NO_LOCKS, send};
use crate::run::case::{Case, end, shows};
use crate::support::{Fault, Proxy};

/// A command that records something, what the version rows and the history say before it, and what
/// behind it.
struct Recorded {
    command: &'static str,
    before: [&'static str; 2],
    behind: [&'static str; 2],
}

const STAMP: Recorded = Recorded {
    command: "stamp b",
    before: ["a", "+a"],
    behind: ["b", "+a stamped:b"],
};

const REPAIR: Recorded = Recorded {
    command: "repair --yes",
    before: ["a b", "+a +b"],
    behind: ["b", "+a +b stamped:a"],
};

impl Recorded {
    /// A database in which the command has something to do, behind a proxy.
    async fn case(&self) -> (Case, Proxy) {
        let (case, proxy) = Case::behind_proxy().await;
        case.graph("a b<a");
        if self.command == STAMP.command {
            case.ok("upgrade a");
        } else {
            case.ok("upgrade head");
            case.run("insert into alembic_version values ('a')").await;
        }
        (case, proxy)
    }

    async fn stands(case: &Case, [rows, history]: [&str; 2]) {
        assert_eq!(case.rows().await, rows);
        assert_eq!(case.history().await, history);
        case.until(NO_LOCKS).await;
    }
}

/// F05: the link is cut before the COMMIT of `stamp` and of `repair` is forwarded: nothing is changed, and
/// said so.
#[tokio::test]
async fn f05_link_cut_before_the_commit_of_a_record() {
    for it in [STAMP, REPAIR] {
        let (case, proxy) = it.case().await;
        proxy.strike(Fault::CutBefore, at_commit(1));
        let output = case.fails(it.command, 3, "connection-lost");
        shows(
            &output,
            &[
                "the server rolled it back",
                "lost at COMMIT",
                "as they were",
            ],
        );
        Recorded::stands(&case, it.before).await;
        case.ok(it.command);
        Recorded::stands(&case, it.behind).await;
    }
}

/// F06: the link is cut after the COMMIT of `stamp` and of `repair`: known committed, and done once.
#[tokio::test]
async fn f06_reply_to_the_commit_of_a_record_lost() {
    for it in [STAMP, REPAIR] {
        let (case, proxy) = it.case().await;
        proxy.strike(Fault::CutAfter, at_commit(1));
        let output = case.ok(it.command);
        shows(&output, &["lost at COMMIT", "the server committed it"]);
        Recorded::stands(&case, it.behind).await;
    }
}

/// F06: the link is cut at the COMMIT that adopts what another tool applied: where it was done the run goes
/// on, and where it was not, the next one adopts.
#[tokio::test]
async fn f06_link_cut_while_adopting() {
    for fault in [Fault::CutAfter, Fault::CutBefore] {
        let (case, proxy) = Case::behind_proxy().await;
        case.graph("a b<a");
        let other_tool = "create table a (n int);
            create table alembic_version (version_num varchar(32) primary key);
            insert into alembic_version values ('a');";
        case.run(other_tool).await;
        proxy.strike(fault, at_commit(1));
        if fault == Fault::CutAfter {
            let output = case.ok("upgrade head");
            shows(
                &output,
                &["applied 1 revision", "the server committed it", "adopted"],
            );
        } else {
            case.fails("upgrade head", 3, "connection-lost");
            Recorded::stands(&case, ["a", ""]).await;
            case.ok("upgrade head");
        }
        Recorded::stands(&case, ["b", "adopted:a +b"]).await;
    }
}

/// F06: the link is cut after the COMMIT of `stamp`, and the server stays away: exit 5, with the query that
/// tells.
#[tokio::test]
async fn f06_server_stays_away_from_a_record() {
    let (case, proxy) = STAMP.case().await;
    case.settings("[run]\ncommit-timeout = \"1s\"");
    proxy.strike(Fault::CutAfter, at_commit(1)).then_stay_away();
    let output = case.fails(STAMP.command, 5, "outcome-unknown");
    shows(&output, &["run ", "transaction ", "this tells"]);
    let asked = output
        .stderr
        .split('`')
        .find(|part| part.starts_with("select"));
    assert_eq!(case.query(asked.unwrap()).await, "t|committed");
    Recorded::stands(&case, STAMP.behind).await;
}

/// F07: the COMMIT of `stamp` stalls, or its answer does: after a deadline what became of it is known.
#[tokio::test]
async fn f07_commit_of_a_record_stalls() {
    for fault in [Fault::Mute, Fault::Hold] {
        let (case, proxy) = STAMP.case().await;
        case.settings("[run]\ncommit-timeout = \"2s\"");
        proxy.strike(fault, at_commit(1));
        let output = case.grace(STAMP.command);
        shows(&output, &["did not answer in time"]);
        if fault == Fault::Mute {
            assert_eq!(output.code, Some(0), "{output}");
            Recorded::stands(&case, STAMP.behind).await;
        } else {
            assert_eq!(output.code, Some(3), "{output}");
            Recorded::stands(&case, STAMP.before).await;
        }
    }
}

/// F04: SIGTERM, and the link of `stamp` or `repair` stalls, before the COMMIT or at it: the link is cut,
/// and nothing is changed.
#[tokio::test]
async fn f04_signal_over_a_stalled_record() {
    for it in [STAMP, REPAIR] {
        for at_its_commit in [false, true] {
            let (case, proxy) = it.case().await;
            let mut is_commit = at_commit(1);
            proxy.strike(Fault::Hold, move |message| {
                let is_record = message.text.contains("select grace_migrate.record(");
                is_commit(message) || (is_record && !at_its_commit)
            });
            let child = case.start(it.command);
            proxy.wait_until_struck();
            send(&child, "-TERM");
            let output = end(child);
            assert_eq!(output.code, Some(143), "{output}");
            shows(&output, &["error[interrupted]"]);
            Recorded::stands(&case, it.before).await;
        }
    }
}
