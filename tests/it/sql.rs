//! What `sql` says of a text, against what the server says of it.

use grace_migrate::sql::{
    Surroundings, char_offset, quote_ident, quote_literal, refusals, split, tokenize,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tokio_postgres::error::{ErrorPosition, SqlState};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::support::Database;

#[tokio::test]
async fn what_the_server_runs_in_no_transaction_block_is_refused_in_one() {
    let database = Database::create().await;
    database
        .run(
            "create table t (a int); create index i on t (a);
             create table p (a int) partition by list (a);
             create table q partition of p for values in (1);
             create materialized view v as select 1 as a; create unique index on v (a);
             create type e as enum ('a');
             create subscription s connection '' publication p with (connect = false);
             create subscription r connection '' publication p with (connect = false);
             alter subscription r set (slot_name = none)",
        )
        .await;
    let scripts = [
        "vacuum t",
        "vacuum (analyze) t",
        "analyze t",
        "create database x",
        "drop database x",
        "alter database DB set tablespace pg_default",
        "alter database DB set work_mem = '4MB'",
        "create tablespace x location '/nowhere'",
        "drop tablespace x",
        "alter system set work_mem = '4MB'",
        "commit prepared 'x'",
        "rollback prepared 'x'",
        "create index on t (a)",
        "create index concurrently on t (a)",
        "create unique index concurrently if not exists u on t (a)",
        "drop index concurrently i",
        "reindex index i",
        "reindex index concurrently i",
        "reindex (concurrently) table t",
        "reindex (concurrently off) table t",
        "reindex (concurrently true) table t",
        "reindex schema public",
        "reindex database DB",
        "reindex system DB",
        "cluster",
        "cluster verbose",
        "cluster t using i",
        "alter table only p detach partition q concurrently",
        "alter table p detach partition q",
        "refresh materialized view concurrently v",
        "alter type e add value 'b'",
        "create subscription x connection '' publication p",
        "create subscription x connection '' publication p with (connect = false)",
        "alter subscription s set publication q with (refresh = false)",
        "drop subscription r",
    ];
    for script in scripts {
        let script = script.replace("DB", &quote_ident(database.name()));
        let client = database.client();
        client.batch_execute("begin").await.unwrap();
        let answer = client.batch_execute(&script).await;
        client.batch_execute("rollback").await.unwrap();
        let refused_there = answer
            .err()
            .is_some_and(|error| error.code() == Some(&SqlState::ACTIVE_SQL_TRANSACTION));
        let refused_here = !refusals(&script, Surroundings::TransactionBlock).is_empty();
        assert_eq!(refused_here, refused_there, "{script}");
        assert_eq!(refusals(&script, Surroundings::Bare), [], "{script}");
    }
    // A subscription with a slot cannot be dropped with its database.
    database
        .run(
            "alter subscription s set (slot_name = none); drop subscription s; drop subscription r",
        )
        .await;
}

#[tokio::test]
async fn the_server_finds_the_same_statements() {
    let database = Database::create().await;
    let script = r#"
        select ';' as "a;b", 'it''s', E'\';', U&'\003b', $$;$$, $a$;$$;$a$; ; /* ; /* ; */ ; */
        create table t$1 (a int, b text default 'x'
            ';y'); -- ;
        create rule r as on insert to t$1 do (select 1; select 2);
        create function f() returns int language sql begin atomic
            select 1 as end;
            select case when true then 2 end;
        end;
        create function g() returns int language sql return 1;
        create view atomic as select begin atomic from (select 1 as begin) as x;
        do $body$ begin perform ';'; end $body$;
        select E'a'
            '\';';
        select 1.5e3, a[1:2], -1+ - -2, 3-- ;
            -1 from (select array[1]) as x(a)"#;
    let messages = database.client().simple_query(script).await.unwrap();
    let there = messages
        .iter()
        .filter(|message| matches!(message, SimpleQueryMessage::CommandComplete(_)))
        .count();
    let here = split(script).unwrap();
    assert_eq!(here.len(), there);
    for statement in here {
        let again = split(statement.text(script)).unwrap();
        assert_eq!(again.len(), 1, "{}", statement.text(script));
    }
}

#[tokio::test]
async fn what_is_quoted_comes_back() {
    let database = Database::create().await;
    let texts = [
        "",
        "a",
        "A b",
        "it's",
        "\\",
        "\\'; drop",
        "\"",
        "é\n\t$$",
        "$1",
        "null",
    ];
    for setting in ["on", "off"] {
        database
            .run(&format!(
                "set standard_conforming_strings = {setting}; set escape_string_warning = off"
            ))
            .await;
        for text in texts {
            let sql = format!("select {}", quote_literal(text));
            assert_eq!(database.query(&sql).await, text);
        }
    }
    for text in texts.into_iter().filter(|text| !text.is_empty()) {
        let name = quote_ident(text);
        let sql = format!("create temp table {name} ({name} int); drop table {name}");
        database.run(&sql).await;
    }
    let keywords = database.query("select word from pg_get_keywords()").await;
    for word in keywords.lines() {
        let there = database
            .query(&format!("select quote_ident({})", quote_literal(word)))
            .await;
        if there.starts_with('"') {
            assert_eq!(quote_ident(word), there);
        }
    }
}

#[tokio::test]
async fn the_servers_position_is_found_in_the_bytes() {
    let database = Database::create().await;
    let text = "select 'é日𝄞', \"nö\", 1;";
    let error = database.client().batch_execute(text).await.unwrap_err();
    let Some(ErrorPosition::Original(position)) = error.as_db_error().unwrap().position() else {
        panic!("{error:?}");
    };
    let offset = char_offset(text, *position as usize).unwrap();
    assert!(text[offset..].starts_with("\"nö\""));
    assert!(tokenize(text).any(|token| token.span.start == offset));
}

/// Statements, and what may stand between and within them.
const PIECES: &[&str] = &[
    "select 1",
    "select ';' as \"a;b\"",
    "select 'it''s;', E'\\';\\\\', U&'\\003b', N';', B'01', x'1f'",
    "select E'a'\n  ';b'",
    "select 'a' -- ;\n  ';b'",
    "select $$;$$, $a$;$$;$a$, $é$;$é$",
    "select 1 as \"q\"\";\", 2 as é日",
    "select 1.5e3, 0.5, -1+ - -2, 3--;\n",
    "select (array[1,2])[1:2], 'a' :: text",
    "select case when true then 2 end as case_",
    "create or replace function pg_temp.f() returns int language sql begin atomic select 1; \
     select case when true then 2 end; end",
    "create or replace function pg_temp.g() returns int language sql return 1",
    "do $$ begin perform ';'; end $$",
    "do ' begin perform 1; end '",
    "select begin atomic from (select 1 as begin) as x",
    "values (1), (2)",
    ";",
    ";;\n",
    "; /* ; /* ; */ ; */",
    ";-- ;\n",
    "; \t\n",
    ";\r\n",
    " ",
    "'",
    "$$",
    "/*",
    "--",
    "(",
    ")",
    "end",
    "begin atomic",
    "create ",
    "\"",
];

/// What the server makes of a text: the rows of each statement, or that it cannot be read.
async fn read_by_server(client: &Client, text: &str) -> Result<Vec<Vec<String>>, SqlState> {
    let messages = match client.simple_query(text).await {
        Ok(messages) => messages,
        Err(error) => return Err(error.code().unwrap().clone()),
    };
    let (mut statements, mut rows) = (Vec::new(), Vec::new());
    for message in messages {
        match message {
            SimpleQueryMessage::Row(row) => rows.push(
                (0..row.len())
                    .map(|at| format!("{}={:?} ", row.columns()[at].name(), row.get(at)))
                    .collect(),
            ),
            SimpleQueryMessage::CommandComplete(_) => statements.push(std::mem::take(&mut rows)),
            _ => {}
        }
    }
    Ok(statements)
}

/// The statements of `text`, each by itself, do what the whole does; where we cannot split it, the
/// server cannot read it.
async fn check_split(client: &Client, text: &str) -> Result<(), TestCaseError> {
    let whole = read_by_server(client, text).await;
    let statements = match split(text) {
        Ok(statements) => statements,
        Err(defect) => {
            prop_assert!(whole.is_err(), "{defect:?} in {text:?}: {whole:?}");
            return Ok(());
        }
    };
    let mut pieces = Vec::new();
    let mut failed = None;
    for statement in &statements {
        match read_by_server(client, statement.text(text)).await {
            Ok(piece) => {
                prop_assert_eq!(piece.len(), 1, "{:?}", statement.text(text));
                pieces.extend(piece);
            }
            Err(code) => failed = failed.or(Some(code)),
        }
    }
    match (whole, failed) {
        // A text without statements is answered all the same.
        (Ok(whole), None) if pieces.is_empty() => prop_assert_eq!(whole, [[""; 0]], "{:?}", text),
        (Ok(whole), None) => prop_assert_eq!(whole, pieces, "{:?}", text),
        (Err(_), Some(_)) => {}
        (whole, failed) => prop_assert!(
            false,
            "the whole of {text:?} is {whole:?}, its pieces {statements:?} {failed:?}"
        ),
    }
    Ok(())
}

#[test]
fn pieces_by_themselves_are_what_the_whole_is() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let database = runtime.block_on(Database::create());
    runtime.block_on(database.run("set escape_string_warning = off"));
    let valid = prop::sample::select(&PIECES[..16]);
    let between = prop::sample::select(&PIECES[16..22]);
    let any = prop::collection::vec(prop::sample::select(PIECES), 0..8);
    let texts = prop_oneof![
        prop::collection::vec((valid, between), 0..6).prop_map(|pairs| {
            let texts = pairs.iter().map(|(one, end)| format!("{one}{end}"));
            texts.collect::<String>()
        }),
        any.prop_map(|pieces| pieces.join(" ")),
    ];
    let config = ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config).run(&texts, |text| {
        runtime.block_on(check_split(database.client(), &text))
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    runtime.block_on(async { drop(database) });
}
