//! Which statements cannot run in a transaction block.

use super::Statement;
use super::statement::Head;

/// What a script's statements run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surroundings {
    /// One transaction around the whole script.
    TransactionBlock,
    /// The same, on a server process that is somebody else's afterwards.
    Pooled,
    /// Nothing: each statement commits by itself.
    Bare,
}

impl Statement {
    /// The command that cannot run in a transaction block (`CREATE INDEX CONCURRENTLY`, say), if
    /// the statement is one by its text alone; `script` is the text that it was split from.
    #[must_use]
    pub fn outside_transaction_only(self, script: &str) -> Option<&'static str> {
        outside_only(&Head::of(self.text(script)))
    }
}

/// The command that cannot run in a transaction block, if the statement with these first tokens is
/// one by its text alone. (`REINDEX` of a partitioned table is one by what it names: that is the
/// server's to say.)
pub(super) fn outside_only(head: &Head<'_>) -> Option<&'static str> {
    let has = |words: &[&str]| head.has(0, words);
    let anywhere = |words: &[&str]| head.find(words).is_some();
    let fixed: &[(&[&str], &'static str)] = &[
        (&["VACUUM"], "VACUUM"),
        (&["CREATE", "DATABASE"], "CREATE DATABASE"),
        (&["DROP", "DATABASE"], "DROP DATABASE"),
        (&["CREATE", "TABLESPACE"], "CREATE TABLESPACE"),
        (&["DROP", "TABLESPACE"], "DROP TABLESPACE"),
        (&["ALTER", "SYSTEM"], "ALTER SYSTEM"),
        (&["COMMIT", "PREPARED"], "COMMIT PREPARED"),
        (&["ROLLBACK", "PREPARED"], "ROLLBACK PREPARED"),
        (
            &["CREATE", "INDEX", "CONCURRENTLY"],
            "CREATE INDEX CONCURRENTLY",
        ),
        (
            &["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY"],
            "CREATE INDEX CONCURRENTLY",
        ),
        (
            &["DROP", "INDEX", "CONCURRENTLY"],
            "DROP INDEX CONCURRENTLY",
        ),
    ];
    if let Some((_, command)) = fixed.iter().find(|(words, _)| has(words)) {
        return Some(command);
    }
    match () {
        () if has(&["REINDEX"]) => reindex(head),
        () if has(&["CLUSTER"]) => clusters_all(head).then_some("CLUSTER"),
        () if has(&["ALTER", "DATABASE"]) && anywhere(&["SET", "TABLESPACE"]) => {
            Some("ALTER DATABASE … SET TABLESPACE")
        }
        () if has(&["ALTER", "TABLE"])
            && anywhere(&["DETACH", "PARTITION"])
            && head
                .tokens
                .last()
                .is_some_and(|last| last.is_word(head.text, "CONCURRENTLY")) =>
        {
            Some("ALTER TABLE … DETACH PARTITION CONCURRENTLY")
        }
        () if has(&["CREATE", "SUBSCRIPTION"])
            && !(is_off(head, "create_slot") || is_off(head, "connect")) =>
        {
            Some("CREATE SUBSCRIPTION")
        }
        () if has(&["ALTER", "SUBSCRIPTION"])
            && (anywhere(&["REFRESH", "PUBLICATION"])
                || (["SET", "ADD", "DROP"]
                    .iter()
                    .any(|verb| anywhere(&[verb, "PUBLICATION"]))
                    && !is_off(head, "refresh"))) =>
        {
            Some("ALTER SUBSCRIPTION … REFRESH")
        }
        () => None,
    }
}

/// `REINDEX … CONCURRENTLY`, and `REINDEX` of a schema, a database or the catalogs.
fn reindex(head: &Head<'_>) -> Option<&'static str> {
    let target = after_options(head, 1);
    let concurrently = head.has(target + 1, &["CONCURRENTLY"])
        || (target > 1
            && head.find(&["CONCURRENTLY"]).is_some_and(|at| at < target)
            && !is_off(head, "concurrently"));
    let whole = ["SCHEMA", "DATABASE", "SYSTEM"];
    match concurrently {
        true => Some("REINDEX CONCURRENTLY"),
        false => whole
            .iter()
            .position(|word| head.has(target, &[word]))
            .map(|at| ["REINDEX SCHEMA", "REINDEX DATABASE", "REINDEX SYSTEM"][at]),
    }
}

/// `CLUSTER` without a table.
fn clusters_all(head: &Head<'_>) -> bool {
    let at = after_options(head, 1);
    let at = at + usize::from(head.has(at, &["VERBOSE"]));
    head.tokens.len() == at
}

/// The token behind an option list in parentheses at token `at`; `at` where there is none.
fn after_options(head: &Head<'_>, at: usize) -> usize {
    if head.token_text(at) != "(" {
        return at;
    }
    (at..head.tokens.len())
        .find(|&at| head.token_text(at) == ")")
        .map_or(head.tokens.len(), |close| close + 1)
}

/// Whether an option is named and switched off: `create_slot = false`, `CONCURRENTLY off`.
fn is_off(head: &Head<'_>, option: &str) -> bool {
    head.find(&[option]).is_some_and(|at| {
        let at = at + 1 + usize::from(head.token_text(at + 1) == "=");
        let value = head.token_text(at).trim_matches('\'').to_ascii_lowercase();
        matches!(value.as_str(), "false" | "off" | "0" | "no")
    })
}
