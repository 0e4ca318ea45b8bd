//! Partitions that leave and databases that move, outside a transaction: what a run that was cut off
//! left of it.

use super::outside::{OFF, journal, kill, killed_before_completion};
use crate::run::case::{Case, end, shows};
use crate::support::{connect, query};

const DETACH: &str = "alter table p detach partition q concurrently;";

/// How far `q` has left `p`: `attached`, `pending`, or nothing where it is gone.
async fn leaving(case: &Case) -> String {
    case.query(
        "select string_agg(case when inhdetachpending then 'pending' else 'attached' end, ' ') \
         from pg_inherits where inhrelid = 'q'::regclass",
    )
    .await
}

/// A table with a partition.
async fn partitioned() -> Case {
    let case = Case::of_owner().await;
    case.up(
        "a",
        "",
        "create table p (n int) partition by range (n);\n\
         create table q partition of p for values from (1) to (9);\n\
         insert into p values (1);",
    );
    case.ok("upgrade head");
    case
}

/// F22: kill -9 behind `DETACH PARTITION CONCURRENTLY`: whether it is a partition tells.
#[tokio::test]
async fn f22_killed_behind_a_detach() {
    for (by_hand, found) in [
        ("", "it is done"),
        (
            "alter table p attach partition q for values from (1) to (9)",
            "it is not done, and runs again",
        ),
    ] {
        let case = partitioned().await;
        killed_before_completion(&case, DETACH).await;
        assert_eq!(leaving(&case).await, "");
        case.database.run(by_hand).await;
        shows(&case.ok("upgrade head"), &[found]);
        assert_eq!(leaving(&case).await, "");
        assert_eq!(case.rows().await, "b");
    }
}

/// F22: `DETACH PARTITION CONCURRENTLY` is killed, cancelled, or stopped by a signal while it waits
/// for a reader: half done, as it cannot be run again, it is finished by the next run.
#[tokio::test]
async fn f22_a_detach_half_done_is_finished() {
    for stop in ["kill", "cancel", "signal"] {
        let case = partitioned().await;
        case.up("b", "a", &format!("{OFF}{DETACH}\ncreate table c (n int);"));
        let reader = connect(&case.database.url()).await;
        query(&reader, "begin; select count(*) from p").await;
        let mut child = case.start("upgrade head");
        case.until("select count(*) from pg_inherits where inhdetachpending")
            .await;
        match stop {
            "kill" => {
                kill(&mut child);
                case.until(
                    "select (count(*) = 0)::int from pg_stat_activity \
                     where application_name like 'grace-migrate/%' \
                       and datname = current_database()",
                )
                .await;
                assert_eq!(journal(&case).await, "upgrade0?");
            }
            "cancel" => {
                let cancel = "select pg_cancel_backend(pid) from pg_stat_activity \
                              where query like 'alter table p detach%' and datname = current_database()";
                query(&reader, cancel).await;
                let output = end(child);
                assert_eq!(output.code, Some(4), "{output}");
                assert_eq!(journal(&case).await, "upgrade0!");
            }
            _ => {
                super::outside::terminate(&child);
                let output = end(child);
                assert_eq!(output.code, Some(143), "{output}");
                assert_eq!(journal(&case).await, "upgrade0!");
            }
        }
        assert_eq!(leaving(&case).await, "pending");
        query(&reader, "rollback").await;
        let output = case.ok("upgrade head");
        shows(&output, &["finishing to detach partition q"]);
        assert_eq!(leaving(&case).await, "");
        assert_eq!(case.query("select count(*) from q").await, "1");
        assert_eq!(case.rows().await, "b");
        assert_eq!(journal(&case).await, "");
    }
}

/// F22: a partition that is gone altogether since a killed `DETACH PARTITION CONCURRENTLY`: not
/// guessed.
#[tokio::test]
async fn f22_a_detach_of_what_is_gone_is_not_guessed() {
    let case = partitioned().await;
    killed_before_completion(&case, DETACH).await;
    case.database.run("drop table q").await;
    let output = case.fails("upgrade head", 4, "step-failed");
    shows(&output, &["an earlier run began statement 1"]);
}

/// F22: kill -9 behind `SET TABLESPACE`: of a database, where it lies tells; that of a table and an
/// index was rolled back with its journal.
#[tokio::test]
async fn f22_killed_behind_a_move() {
    let case = Case::of_superuser().await;
    case.up(
        "a",
        "",
        "create table t (n int);\ncreate index t_n on t (n);",
    );
    case.ok("upgrade head");
    let space = format!("{}_space", case.database.name());
    let twin = format!("{}_twin", case.database.name());
    let client = connect(&case.database.url()).await;
    // A tablespace without a folder of its own, which is for tests.
    for sql in [
        "set allow_in_place_tablespaces = on",
        &format!("create tablespace {space} location ''"),
        &format!("create database {twin}"),
    ] {
        client.batch_execute(sql).await.unwrap();
    }
    let not_done = "it is not done, and runs again";
    let back = format!("alter database {twin} set tablespace pg_default");
    for (what, by_hand, found) in [
        (format!("database {twin}"), "", "it is done"),
        (format!("database {twin}"), &*back, not_done),
        ("table t".to_owned(), "", not_done),
        ("index t_n".to_owned(), "", not_done),
    ] {
        killed_before_completion(&case, &format!("alter {what} set tablespace {space};")).await;
        client.batch_execute(by_hand).await.unwrap();
        shows(&case.ok("upgrade head"), &[found]);
        let lies = "select count(*) from pg_tablespace s where s.spcname = '{space}' and \
            (exists (select from pg_database where datname = '{twin}' and dattablespace = s.oid) \
             or exists (select from pg_class where reltablespace = s.oid))";
        let lies = lies.replace("{space}", &space).replace("{twin}", &twin);
        assert_eq!(case.query(&lies).await, "1", "{what}");
        client.batch_execute(&back).await.unwrap();
        case.down("b", "select 1;");
        case.ok("downgrade -1");
    }
    for sql in [
        format!("drop database {twin}"),
        "drop table t".to_owned(),
        format!("drop tablespace {space}"),
    ] {
        client.batch_execute(&sql).await.unwrap();
    }
}
