//! About how many locks a script takes: one for each relation that it makes, changes or drops, held
//! until the transaction ends.

use super::{Statement, Token, TokenKind, tokenize};

/// What goes with a dropped table besides itself: an index with its constraint, what it stores aside
/// with that one's index, its row type and the array of it.
const DROPPED_WITH: usize = 6;

/// Types of unbounded length: a table with one has another beside it for long values, and that an
/// index.
const LONG: [&str; 11] = [
    "text", "varchar", "varying", "json", "jsonb", "bytea", "xml", "numeric", "decimal",
    "tsvector", "hstore",
];

/// Types that bring a sequence.
const SERIAL: [&str; 6] = [
    "serial",
    "bigserial",
    "smallserial",
    "serial2",
    "serial4",
    "serial8",
];

impl Statement {
    /// About how many locks the statement takes that others before it did not; `script` is the
    /// text that it was split from. What bodies and functions do is not seen, and an existing
    /// relation that is changed twice counts twice.
    #[must_use]
    pub fn locks(self, script: &str) -> usize {
        let text = self.text(script);
        let words = self.words(script, 6);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["CREATE", ..] => created(&words, text),
            ["ALTER", "TABLE", ..] => 1 + parts(text),
            ["ALTER", "INDEX" | "SEQUENCE" | "VIEW" | "MATERIALIZED", ..] => 1,
            ["DROP", "TABLE", ..] => named(text) * (1 + DROPPED_WITH),
            ["DROP", "INDEX" | "SEQUENCE" | "VIEW", ..] => named(text),
            ["DROP", "MATERIALIZED", "VIEW", ..] => named(text) * 3,
            _ => 0,
        }
    }
}

fn created(words: &[&str], text: &str) -> usize {
    const BESIDE: [&str; 8] = [
        "GLOBAL",
        "LOCAL",
        "TEMP",
        "TEMPORARY",
        "UNLOGGED",
        "OR",
        "REPLACE",
        "RECURSIVE",
    ];
    let mut what = words[1..].iter().filter(|word| !BESIDE.contains(word));
    match (what.next(), what.next()) {
        (Some(&"TABLE"), _) => 1 + parts(text) + if is_long(text) { 2 } else { 0 },
        (Some(&"FOREIGN"), Some(&"TABLE")) => 1,
        (Some(&"MATERIALIZED"), _) => 3,
        (Some(&"INDEX" | &"VIEW" | &"SEQUENCE"), _) | (Some(&"UNIQUE"), Some(&"INDEX")) => 1,
        _ => 0,
    }
}

fn significant(text: &str) -> impl Iterator<Item = Token> {
    tokenize(text).filter(|token| token.kind.is_significant())
}

/// The indexes and sequences that come with what a table has: keys, `serial`, identities.
fn parts(text: &str) -> usize {
    let tokens: Vec<Token> = significant(text).collect();
    let is = |at: usize, word: &str| {
        tokens
            .get(at)
            .is_some_and(|token| token.is_word(text, word))
    };
    let count = (0..tokens.len()).filter(|&at| {
        let key = (is(at, "PRIMARY") && is(at + 1, "KEY")) || is(at, "UNIQUE") || is(at, "EXCLUDE");
        // `PRIMARY KEY USING INDEX i` takes one that is there; with `TABLESPACE` it says where.
        let taken = (at + 1..=at + 2)
            .any(|at| is(at, "USING") && is(at + 1, "INDEX") && !is(at + 2, "TABLESPACE"));
        (key && !taken)
            || SERIAL.iter().any(|word| is(at, word))
            || (is(at, "AS") && is(at + 1, "IDENTITY"))
    });
    count.count()
}

/// Whether a column may be too long for its row.
fn is_long(text: &str) -> bool {
    significant(text).any(|token| {
        LONG.iter().any(|word| token.is_word(text, word))
            || token.kind == TokenKind::Operator && token.text(text) == "["
    })
}

/// How many relations a `DROP` names.
fn named(text: &str) -> usize {
    1 + significant(text)
        .filter(|token| token.text(text) == ",")
        .count()
}

#[cfg(test)]
mod tests {
    use crate::sql::split;

    fn locks(script: &str) -> usize {
        let statements = split(script).unwrap();
        statements.iter().map(|one| one.locks(script)).sum()
    }

    /// The numbers are the server's, from `pg_locks`, but for what is dropped.
    #[test]
    fn what_is_made_is_counted() {
        for (script, expected) in [
            ("create table t (n int)", 1),
            ("create table t (n int primary key)", 2),
            ("create table t (s text)", 3),
            ("create temp table if not exists t (n serial)", 2),
            (
                "create unlogged table t (n int generated always as identity primary key, s text unique)",
                6,
            ),
            ("create table t (a int[], b int)", 3),
            ("create table t as select 1", 1),
            ("create index on t (n)", 1),
            ("create unique index concurrently i on t (n)", 1),
            ("create or replace view v as select 1", 1),
            ("create materialized view v as select 1 as n", 3),
            ("create sequence s", 1),
            ("create foreign table t (s text) server x", 1),
            ("alter table t add unique (n), add primary key (m)", 3),
            ("alter table t add primary key using index i", 1),
            ("alter table t add constraint u unique using index i", 1),
            ("alter table t add m int", 1),
            ("drop table a, b.c cascade", 14),
            ("drop view a", 1),
            (
                "create function f() returns int language sql as 'create table t (n int)'",
                0,
            ),
            ("create type mood as enum ('a')", 0),
            ("select 1; insert into t values ('create table')", 0),
            ("do $$ begin create table t (n int); end $$", 0),
            ("create table \"unique\" (\"serial\" int)", 1),
        ] {
            assert_eq!(locks(script), expected, "{script}");
        }
    }
}
