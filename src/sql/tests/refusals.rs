use super::super::*;
use Surroundings::{Bare, Pooled, TransactionBlock};

/// Code and place of each refusal, in a transaction block.
fn refused(text: &str) -> Vec<(&'static str, &str)> {
    let all = refusals(text, TransactionBlock);
    all.iter()
        .map(|one| (one.code(), one.span().text(text)))
        .collect()
}

#[test]
fn transaction_control() {
    for (text, place) in [
        ("begin", "begin"),
        ("BEGIN ISOLATION LEVEL SERIALIZABLE;", "BEGIN"),
        ("/**/ start\n transaction;", "start\n transaction"),
        ("commit and chain;", "commit"),
        ("end transaction;", "end"),
        ("rollback", "rollback"),
        ("rollback work;", "rollback"),
        ("abort;", "abort"),
        ("prepare transaction 'x';", "prepare transaction"),
        ("copy t from stdin;\n1\n\\.\ncommit;", "commit"),
    ] {
        assert_eq!(refused(text), [("transaction-control-in-script", place)]);
        assert_eq!(refusals(text, Bare).len(), 1, "{text}");
    }
    for text in [
        "savepoint a; rollback to a; rollback work to savepoint a; release a",
        "rollback transaction to a",
        "prepare begin as select 1; start",
        "select 'commit'; -- commit;\n/* commit; */ do $$ begin commit; end $$",
        "select a commit; select \"begin\" from commit",
        "create function f() returns int begin atomic select 1; end",
        "create procedure p() language plpgsql as 'begin commit; end'",
        "copy t from stdin;\ncommit;\n\\.\n",
        "set transaction read only",
    ] {
        assert_eq!(refused(text), [], "{text}");
    }
}

#[test]
fn what_drops_the_lock() {
    for (text, place) in [
        ("discard all;", "discard all"),
        ("select pg_advisory_unlock_all()", "pg_advisory_unlock_all"),
        (
            "select 1, pg_catalog . \"pg_advisory_unlock_all\" ( ) from t",
            "\"pg_advisory_unlock_all\"",
        ),
        (
            "with a as (select PG_Advisory_Unlock_All()) table a",
            "PG_Advisory_Unlock_All",
        ),
    ] {
        assert_eq!(refused(text), [("lock-dropped-in-script", place)]);
    }
    for text in [
        "discard temp; discard plans",
        "select 'pg_advisory_unlock_all()', pg_advisory_unlock_all from t where (a)",
        "revoke execute on function pg_advisory_unlock_all() from public",
        "select pg_advisory_unlock(1)",
    ] {
        assert_eq!(refused(text), [], "{text}");
    }
}

#[test]
fn what_outlives_a_transaction_behind_a_pooler() {
    let refused = |text: &str| {
        let found = refusals(text, Pooled).into_iter();
        let words = found.map(|one| (one.code(), one.span().text(text).to_owned()));
        words.collect::<Vec<_>>()
    };
    let one = |words: &str| [("outlives-transaction", words.to_owned())];
    assert_eq!(refused("prepare p as select 1"), one("prepare"));
    assert_eq!(
        refused("select pg_catalog.PG_Advisory_Lock (1)"),
        one("PG_Advisory_Lock")
    );
    assert_eq!(
        refused("select pg_try_advisory_lock_shared(1, 2)"),
        one("pg_try_advisory_lock_shared")
    );
    assert_eq!(refused("vacuum")[0].0, "not-in-transaction");
    assert_eq!(
        refused("prepare transaction 'x'")[0].0,
        "transaction-control-in-script"
    );
    assert_eq!(
        refused("select pg_advisory_unlock_all()")[0].0,
        "lock-dropped-in-script"
    );
    for text in [
        "select pg_advisory_xact_lock(1), pg_try_advisory_xact_lock(1)",
        "create temp table t (n int); set role a; set x.y = 1; listen z; deallocate p",
        "grant execute on function pg_advisory_lock(bigint) to a",
    ] {
        assert_eq!(refused(text), [], "{text}");
    }
}

#[test]
fn meta_commands() {
    assert_eq!(
        refused("\\set a 1\nselect 1 \\gexec\r\n\\i x.sql"),
        [
            ("meta-command", "\\set a 1"),
            ("meta-command", "\\gexec"),
            ("meta-command", "\\i x.sql")
        ]
    );
    assert_eq!(
        refused(
            "\\restrict x\nselect '\\d', E'\\\\';\ncopy t from stdin;\n\\N\n\\.\n\\unrestrict x\n"
        ),
        []
    );
}

#[test]
fn what_changes_how_the_script_is_read() {
    for text in [
        "set standard_conforming_strings = off",
        "set local standard_conforming_strings to 'off'",
        "SET SESSION Standard_Conforming_Strings TO FALSE",
        "set client_encoding = 'LATIN1'",
        "set names 'sjis'",
    ] {
        assert_eq!(refused(text), [("reading-changed-in-script", text)]);
    }
    for text in [
        "set standard_conforming_strings = on",
        "set client_encoding = 'UTF8'; set client_encoding to \"utf-8\"; set names 'UTF8'",
        "set names; set client_encoding to default; reset client_encoding",
        "set search_path = a; set local role b",
    ] {
        assert_eq!(refused(text), [], "{text}");
    }
}

#[test]
fn copies_to_the_client() {
    assert_eq!(
        refused("copy t (a) to stdout csv"),
        [("copy-to-client", "stdout")]
    );
    assert_eq!(
        refused("copy (select 1) to stdin"),
        [("copy-to-client", "stdin")]
    );
    assert_eq!(refused("copy t to '/x'; copy t from stdin;\n\\.\n"), []);
}

#[test]
fn what_cannot_run_in_a_transaction_block() {
    for (text, command) in [
        ("vacuum (analyze) t", "VACUUM"),
        ("create database x", "CREATE DATABASE"),
        ("drop database x", "DROP DATABASE"),
        (
            "alter database x set tablespace y",
            "ALTER DATABASE … SET TABLESPACE",
        ),
        ("create tablespace x location '/x'", "CREATE TABLESPACE"),
        ("drop tablespace x", "DROP TABLESPACE"),
        ("alter system set work_mem = '4MB'", "ALTER SYSTEM"),
        ("commit prepared 'x'", "COMMIT PREPARED"),
        ("rollback prepared 'x'", "ROLLBACK PREPARED"),
        (
            "create /**/ index -- x\nconcurrently on t (a)",
            "CREATE INDEX CONCURRENTLY",
        ),
        (
            "create unique index concurrently if not exists i on t (a)",
            "CREATE INDEX CONCURRENTLY",
        ),
        (
            "drop index concurrently if exists i",
            "DROP INDEX CONCURRENTLY",
        ),
        ("reindex table concurrently t", "REINDEX CONCURRENTLY"),
        ("reindex (concurrently) table t", "REINDEX CONCURRENTLY"),
        (
            "reindex (verbose, concurrently true) table t",
            "REINDEX CONCURRENTLY",
        ),
        ("reindex schema s", "REINDEX SCHEMA"),
        ("reindex (verbose) database d", "REINDEX DATABASE"),
        ("reindex system d", "REINDEX SYSTEM"),
        ("cluster", "CLUSTER"),
        ("cluster verbose", "CLUSTER"),
        (
            "alter table only s.p detach partition q concurrently",
            "ALTER TABLE … DETACH PARTITION CONCURRENTLY",
        ),
        (
            "create subscription s connection '' publication p",
            "CREATE SUBSCRIPTION",
        ),
        (
            "alter subscription s refresh publication",
            "ALTER SUBSCRIPTION … REFRESH",
        ),
        (
            "alter subscription s set publication p",
            "ALTER SUBSCRIPTION … REFRESH",
        ),
    ] {
        let found = refusals(text, TransactionBlock);
        let span = Span::new(0, text.find(' ').unwrap_or(text.len()));
        assert_eq!(
            found,
            [Refusal::NotInTransaction { command, span }],
            "{text}"
        );
        assert_eq!(refusals(text, Bare), [], "{text}");
        let statement = split(text).unwrap()[0];
        assert_eq!(statement.outside_transaction_only(text), Some(command));
    }
    for text in [
        "create index i on t (a)",
        "create index \"concurrently\" on t (a)",
        "drop index i",
        "reindex index i",
        "reindex (concurrently off) table t",
        "cluster t using i",
        "cluster verbose t",
        "analyze t",
        "alter table p detach partition q",
        "alter table p detach partition q finalize",
        "refresh materialized view concurrently v",
        "alter type e add value 'b'",
        "alter database d set work_mem = '4MB'",
        "alter tablespace t rename to u",
        "create subscription s connection '' publication p with (create_slot = false)",
        "create subscription s connection '' publication p with (connect = 'off')",
        "alter subscription s set publication p with (refresh = false)",
        "alter subscription s disable",
        "select vacuum; select 'create database x'",
    ] {
        assert_eq!(refused(text), [], "{text}");
    }
}

#[test]
fn they_come_in_order_and_say_where() {
    let text = "select 1;\n  commit;\nvacuum; \\x\n";
    let found = refusals(text, TransactionBlock);
    let said: Vec<_> = found
        .iter()
        .map(|one| {
            let finding = one.to_diagnostic("a.sql".as_ref(), text);
            format!(
                "{}: {} ({})",
                finding.place.unwrap(),
                finding.message,
                finding.help.unwrap()
            )
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    a.sql:2:3: `COMMIT` may not stand in a script (remove it: grace-migrate begins and ends the transaction of each revision)
    a.sql:3:1: `VACUUM` cannot run in a transaction (write `-- transaction: off` in the script's header; best in a revision that does nothing else)
    a.sql:3:9: `\x` is a command of psql, not SQL (write it as SQL: scripts are sent to the server, not to psql)
    "#);
}

#[test]
fn what_each_says() {
    let all = [
        ("discard all", TransactionBlock),
        ("set names 'latin1'", TransactionBlock),
        ("set standard_conforming_strings = off", TransactionBlock),
        ("copy t to stdout", TransactionBlock),
    ];
    let said: Vec<_> = all
        .iter()
        .flat_map(|(text, surroundings)| {
            let found = refusals(text, *surroundings);
            found
                .into_iter()
                .map(|one| one.to_diagnostic("a.sql".as_ref(), text))
        })
        .map(|finding| format!("{}: {}", finding.message, finding.help.unwrap()))
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    `DISCARD ALL` would drop the lock that keeps other runs out: remove it
    changing `client_encoding` changes how the script itself is read: remove it: scripts are UTF-8
    changing `standard_conforming_strings` changes how the script itself is read: remove it, and write literals with backslash escapes as `E'…'`
    `COPY … TO stdout` sends data that nobody takes: remove it, or copy to a file on the server
    "#);
    let defects = [
        "'",
        "$a$",
        "\"",
        "/*",
        "copy t from stdin;\n",
        "copy t from stdin; 1\n\\.\n",
        "(",
        "create function f() begin atomic",
    ];
    let said: Vec<_> = defects
        .iter()
        .map(|text| {
            split(text)
                .unwrap_err()
                .to_diagnostic("a.sql".as_ref(), text)
        })
        .map(|finding| format!("{}: {}", finding.message, finding.help.unwrap()))
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    a literal is not closed: close it with `'`; a quote within it is written twice
    a literal opened with `$a$` is not closed: close it with `$a$`
    a quoted name is not closed: close it with `"`; a quote within it is written twice
    a comment is not closed: close it with `*/`; comments nest, so that each `/*` needs one of its own
    the data of `COPY … FROM stdin` does not end with a line of `\.` alone: end the data with a line of `\.` alone
    text follows `COPY … FROM stdin;` on its line: begin the data on the next line
    a parenthesis is not closed: close it with `)`
    a `BEGIN ATOMIC` body has no `END`: end the body with `END;`
    "#);
}
