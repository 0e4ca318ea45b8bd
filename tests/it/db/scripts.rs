//! Whole scripts: which statement failed, which one a notice is about, COPY data.

use std::sync::Arc;
use std::time::Duration;

use grace_migrate::db::{DbError, ScriptFailure, Session};
use grace_migrate::sql::split;

use super::{session, sqlstate};
use crate::support::Database;

/// Runs a script, and gives what `progress` was told beside the outcome.
async fn run(session: &Session, text: &str) -> (Result<(), Box<ScriptFailure>>, Vec<usize>) {
    let statements = split(text).unwrap();
    let mut progress = Vec::new();
    let result = session
        .run_script(&Arc::from(text), &statements, &mut |done| {
            progress.push(done);
        })
        .await;
    (result, progress)
}

/// The failure of a script, with the text at its offset.
async fn fail<'a>(session: &Session, text: &'a str) -> (usize, Option<&'a str>, DbError) {
    let (result, _) = run(session, text).await;
    let failure = result.unwrap_err();
    let at = failure.offset.map(|offset| {
        let rest = &text[offset..];
        &rest[..rest.find([' ', '\n', ';', ')']).unwrap_or(rest.len())]
    });
    (failure.statement, at, failure.error)
}

#[tokio::test]
async fn the_failing_statement_is_found_by_counting_completions() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    // No position comes with a division by zero at run time.
    let text = "create table t (n int);\n;;\n-- a comment; here\ninsert into t values (0), (1);\n\
                select n from t;\nselect 1 / n from t;\nselect 2;";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!((statement, at), (3, None));
    assert_eq!(sqlstate(&error), "22012");
    // One message outside of a transaction block is one transaction.
    assert_eq!(database.query("select to_regclass('t') is null").await, "t");
}

#[tokio::test]
async fn a_position_counts_characters_and_becomes_bytes() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "-- äöü €\nselect 'grün 🌲';\nselect 'größe', missing;";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!((statement, at), (1, Some("missing")));
    assert_eq!(sqlstate(&error), "42703");
}

#[tokio::test]
async fn a_syntax_error_is_placed_though_nothing_ran() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text =
        "create table a (n int);\ncreate table b (n int);\ncreate tabel c (n int);\nselect 1;";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!((statement, at), (2, Some("tabel")));
    assert_eq!(sqlstate(&error), "42601");
}

#[tokio::test]
async fn a_position_in_another_text_is_not_taken_for_ours() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    session.batch("create table t (n int)").await.unwrap();
    // The prepared statement is planned anew, and the position is one in its own text.
    let text = "prepare p as select                                                         n from t;\n\
                alter table t rename n to m;\nexecute p;";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!(sqlstate(&error), "42703");
    assert_eq!((statement, at), (2, None));
}

#[tokio::test]
async fn an_error_in_a_function_tells_where_in_the_function() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "select 1;\ndo $$ begin\n  perform 1;\n  perform missing();\nend $$;\nselect 2;";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!((statement, at), (1, None));
    let error = error.server().unwrap();
    assert_eq!(error.internal_query.as_deref(), Some("SELECT missing()"));
    assert!(
        error
            .where_
            .as_deref()
            .unwrap()
            .contains("line 3 at PERFORM")
    );
}

#[tokio::test]
async fn every_kind_of_statement_completes_once() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "
        create table t (n int primary key, m int);
        create table log (n int);
        create rule quiet as on delete to t do instead nothing;
        create rule twice as on insert to t do also (insert into log values (new.n); select 1);
        create rule move as on update to t do instead insert into log values (new.m);
        insert into t values (1, 1);
        delete from t;
        update t set m = 2;
        update t set m = 3 where false;
        select * from t;
        values (1), (2);
        table log;
        with w as (insert into log values (9) returning n) select * from w;
        explain select 1;
        show search_path;
        do $$ begin perform 1; end $$;
        create schema s create table a (n int) create view v as select 1;
        create procedure p(inout n int) language plpgsql as $$ begin n := n + 1; end $$;
        call p(1);
        prepare q as select 1;
        execute q;
        deallocate q;
        set local search_path = public;
        declare c cursor for select 1;
        fetch all from c;
        close c;
        create function f() returns int language sql begin atomic select 1; select 2; end;
        notify x;
        select 1 where false;
        select;
        ;;
        insert into t values (2, 2) returning n;
        analyze t;
        select 1 / 0;
    ";
    let statements = split(text).unwrap();
    session.batch("begin").await.unwrap();
    let mut progress = Vec::new();
    let failure = session
        .run_script(&Arc::from(text), &statements, &mut |done| {
            progress.push(done);
        })
        .await
        .unwrap_err();
    assert_eq!(sqlstate(&failure.error), "22012");
    assert_eq!(failure.statement, statements.len() - 1);
    let expected: Vec<usize> = (1..statements.len()).collect();
    assert_eq!(progress, expected);
}

#[tokio::test]
async fn copy_blocks_are_loaded_and_their_lines_found() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "create table t (n int, s text);\n\
                \\restrict abc\n\
                copy t (n, s) from stdin;\n1\tone\n2\t\\N\n3\tdr\\ti\n\\.\n\
                \\unrestrict abc\n\
                insert into t values (4, 'four');\n\
                copy t from stdin with (format csv);\n5,\"f,ive\"\n\\.\n\
                copy t from stdin;\n\\.\n";
    let (result, progress) = run(&session, text).await;
    result.unwrap();
    assert_eq!(progress, [1, 2, 3, 4, 5]);
    assert_eq!(
        database.query("select n, s from t order by n").await,
        "1|one\n2|\n3|dr\ti\n4|four\n5|f,ive"
    );
    let prepared = session
        .query("select 1 from pg_prepared_statements", &[])
        .await
        .unwrap();
    assert!(prepared.is_empty());

    let text = "select 1;\ncopy t from stdin;\n1\ta\n2\tb\nx3\tc\n4\td\n\\.\nselect 2;";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!((statement, at), (1, Some("x3\tc")));
    assert_eq!(sqlstate(&error), "22P02");

    let text = "select 1;\nselect 2;\ncopy t (missing) from stdin;\n1\n\\.\n";
    let (statement, at, error) = fail(&session, text).await;
    assert_eq!((statement, at), (2, None));
    assert_eq!(sqlstate(&error), "42703");
    session.batch("select 1").await.unwrap();
}

#[tokio::test]
async fn much_copy_data_with_an_early_error_does_not_hang() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    session.batch("create table t (n int)").await.unwrap();
    let mut text = "copy t from stdin;\nbad\n".to_owned();
    for n in 0..200_000 {
        text.push_str(&format!("{n}\n"));
    }
    text.push_str("\\.\n");
    let (statement, at, _) = fail(&session, &text).await;
    assert_eq!((statement, at), (0, Some("bad")));
    session.batch("select 1").await.unwrap();
}

#[tokio::test]
async fn a_large_script_goes_in_several_messages() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let mut text = "create table t (n int, s text);\n".to_owned();
    for n in 0..3_000 {
        text.push_str(&format!(
            "insert into t values ({n}, '{}');\n",
            "x".repeat(1_000)
        ));
    }
    text.push_str("select 1 / (count(*) - 3000) from t;\n");
    let (statement, _, error) = fail(&session, &text).await;
    assert_eq!(statement, 3_001);
    assert_eq!(sqlstate(&error), "22012");
}

#[tokio::test]
async fn a_large_statement_fails_where_it_fails() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let large = "é".repeat(1 << 20);
    let text =
        format!("select 1;\nselect length('{large}');\nselect '{large}', missing;\nselect 2;");
    let (statement, at, error) = fail(&session, &text).await;
    assert_eq!((statement, at), (2, Some("missing")));
    assert_eq!(sqlstate(&error), "42703");
    // The session goes on, small and large.
    session.batch("select 1").await.unwrap();
    let text = format!("create table t as select length('{large}') as n;\nselect 1;");
    run(&session, &text).await.0.unwrap();
    assert_eq!(database.query("select n from t").await, "1048576");
}

#[tokio::test]
async fn copy_out_is_refused_without_hanging() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let (statement, _, error) = fail(&session, "select 1;\ncopy (select 1) to stdout;").await;
    assert_eq!(statement, 1);
    assert_eq!(error.code(), "unexpected-answer");
    assert!(session.lost().await.is_link_lost());
}

#[tokio::test]
async fn notices_tell_their_statement() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "select 1;\nselect 2;\n\
                do $$ begin raise notice 'third' using detail = 'd', hint = 'h'; end $$;\n\
                select 3;\n\
                do $$ begin raise warning 'fifth a'; raise warning 'fifth b'; end $$;\n\
                create table if not exists pg_temp.t (n int);\n\
                create table if not exists pg_temp.t (n int);\n\
                create function pg_temp.loud() returns trigger language plpgsql as \
                $$ begin raise notice 'row %', new.n; return new; end $$;\n\
                create trigger loud before insert on t for each row \
                execute function pg_temp.loud();\n\
                copy t from stdin;\n7\n\\.\n\
                drop table if exists nowhere;";
    run(&session, text).await.0.unwrap();
    let notices = session.drain_notices();
    assert_eq!(notices.dropped, 0);
    let seen: Vec<(Option<usize>, &str, &str)> = notices
        .kept
        .iter()
        .map(|n| (n.statement, n.severity.as_str(), n.message.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (Some(2), "NOTICE", "third"),
            (Some(4), "WARNING", "fifth a"),
            (Some(4), "WARNING", "fifth b"),
            (Some(6), "NOTICE", "relation \"t\" already exists, skipping"),
            (Some(9), "NOTICE", "row 7"),
            (
                Some(10),
                "NOTICE",
                "table \"nowhere\" does not exist, skipping"
            ),
        ]
    );
    assert_eq!(notices.kept[0].detail.as_deref(), Some("d"));
    assert_eq!(notices.kept[0].hint.as_deref(), Some("h"));
    session
        .batch("do $$ begin raise notice 'alone'; end $$")
        .await
        .unwrap();
    assert_eq!(session.drain_notices().kept[0].statement, None);
}

#[tokio::test]
async fn notices_are_bounded() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "do $$ begin for i in 1..20000 loop raise notice 'n %', i; end loop; end $$;\n\
                do $$ begin raise notice 'last'; end $$;";
    run(&session, text).await.0.unwrap();
    let notices = session.drain_notices();
    assert_eq!(notices.kept.len() as u64 + notices.dropped, 20_001);
    assert_eq!(notices.kept[0].message, "n 1");
    assert_eq!(notices.kept[0].statement, Some(0));
}

#[tokio::test]
async fn a_script_dropped_half_way_leaves_a_usable_session() {
    let database = Database::create().await;
    let session = session(&database.url()).await;
    let text = "do $$ begin for i in 1..1000 loop raise notice 'n %', i; perform pg_sleep(0.001); \
                end loop; end $$; select 1;";
    let cut = tokio::time::timeout(Duration::from_millis(100), run(&session, text)).await;
    assert!(cut.is_err());
    session.cancel_handle().cancel().await.unwrap();
    session.batch("select 1").await.unwrap();
    assert!(!session.drain_notices().kept.is_empty());
}
