//! What a statement does that the catalog can tell afterwards.

use super::statement::Head;
use super::transaction::outside_only;
use super::{Statement, TokenKind, quote_ident};

/// What a statement does, as far as it matters to a script that runs outside a transaction. Names
/// are quoted, as `to_regclass` reads them, and have a schema where the statement gives one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// `CREATE INDEX`, of which only the concurrent one cannot run in a transaction.
    CreateIndex {
        /// It is built concurrently.
        concurrently: bool,
        /// Where to look for it.
        scope: IndexScope,
    },
    /// `DROP INDEX CONCURRENTLY`.
    DropIndex {
        /// The index.
        name: String,
    },
    /// `REINDEX`, concurrently or not.
    Reindex {
        /// What is rebuilt is rebuilt concurrently.
        concurrently: bool,
        /// Where to look for what it leaves.
        scope: IndexScope,
    },
    /// A database or a tablespace comes or goes.
    Global {
        /// What.
        kind: GlobalKind,
        /// Its name, as the catalog spells it.
        name: String,
        /// It comes; it goes otherwise.
        comes: bool,
    },
    /// `ALTER TABLE … DETACH PARTITION … CONCURRENTLY`, which has a half-done state.
    Detach {
        /// The partitioned table, quoted.
        parent: String,
        /// The partition, quoted.
        partition: String,
    },
    /// `ALTER DATABASE … SET TABLESPACE`. Names are as the catalog spells them. (That of a table or
    /// an index runs in a transaction.)
    MoveDatabase {
        /// The database.
        database: String,
        /// Where to.
        tablespace: String,
    },
    /// What can be run again without harm: `VACUUM`, `ANALYZE`, a setting.
    Repeatable,
    /// What may end transactions by itself, or cannot run in one, and leaves nothing to look at:
    /// `CALL`, a `DO` that commits.
    Opaque,
    /// What runs in a transaction.
    Transactional,
}

/// Which indexes a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexScope {
    /// The one of this name in the schema of this table.
    Named {
        /// The table, quoted.
        table: String,
        /// The index, as the catalog spells it.
        index: String,
    },
    /// Those of a table and its partitions, and of what they store aside.
    Table(String),
    /// Those of the table that this index is of, and likewise.
    Index(String),
    /// Those of every table of a schema.
    Schema(String),
    /// All of the database.
    Database,
}

/// What is no part of one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GlobalKind {
    /// A database.
    Database,
    /// A tablespace.
    Tablespace,
}

impl Statement {
    /// What the statement does; `script` is the text that it was split from.
    #[must_use]
    pub fn effect(self, script: &str) -> Effect {
        Effect::of(self.text(script))
    }
}

impl Effect {
    /// What `statement` does. The start of a long one tells.
    #[must_use]
    pub fn of(statement: &str) -> Self {
        let head = Head::of(statement);
        let has = |words: &[&str]| head.has(0, words);
        let known = if has(&["CREATE", "INDEX"]) || has(&["CREATE", "UNIQUE", "INDEX"]) {
            create_index(&head)
        } else if has(&["DROP", "INDEX", "CONCURRENTLY"]) {
            let at = 3 + if head.has(3, &["IF", "EXISTS"]) { 2 } else { 0 };
            name(&head, at).map(|(name, _)| Self::DropIndex { name })
        } else if has(&["REINDEX"]) {
            reindex(&head)
        } else if has(&["ALTER", "TABLE"]) {
            detach(&head)
        } else if has(&["ALTER", "DATABASE"]) {
            move_database(&head)
        } else {
            global(&head)
        };
        known.unwrap_or_else(|| Self::by_words(&head))
    }

    /// Whether the statement can run in a transaction of its own, so that it is never in doubt.
    #[must_use]
    pub fn is_transactional(&self) -> bool {
        match self {
            Self::Transactional => true,
            Self::CreateIndex { concurrently, .. } => !concurrently,
            Self::DropIndex { .. }
            | Self::Reindex { .. }
            | Self::Global { .. }
            | Self::Detach { .. }
            | Self::MoveDatabase { .. }
            | Self::Repeatable
            | Self::Opaque => false,
        }
    }

    /// Whether the statement builds an index concurrently, which takes long and can leave one
    /// that is INVALID.
    #[must_use]
    pub fn builds_concurrently(&self) -> bool {
        matches!(
            self,
            Self::CreateIndex {
                concurrently: true,
                ..
            } | Self::Reindex {
                concurrently: true,
                ..
            }
        )
    }

    fn by_words(head: &Head<'_>) -> Self {
        const REPEATABLE: [&str; 8] = [
            "VACUUM",
            "ANALYZE",
            "ANALYSE",
            "CLUSTER",
            "REINDEX",
            "SET",
            "RESET",
            "CHECKPOINT",
        ];
        let is = |words: &[&str]| head.has(0, words);
        if REPEATABLE.iter().any(|word| is(&[word])) || is(&["ALTER", "SYSTEM"]) {
            return Self::Repeatable;
        }
        let opaque = is(&["CALL"])
            || (is(&["DO"]) && may_commit(head.text))
            || is(&["CREATE", "SUBSCRIPTION"])
            || is(&["ALTER", "SUBSCRIPTION"])
            || is(&["DROP", "SUBSCRIPTION"])
            || outside_only(head).is_some();
        if opaque {
            Self::Opaque
        } else {
            Self::Transactional
        }
    }
}

/// Whether a body may end transactions: it, or a procedure that it calls.
fn may_commit(body: &str) -> bool {
    let body = body.to_ascii_lowercase();
    ["commit", "rollback", "call"]
        .iter()
        .any(|word| body.contains(word))
}

/// `CREATE [UNIQUE] INDEX [CONCURRENTLY] [[IF NOT EXISTS] name] ON [ONLY] table`
fn create_index(head: &Head<'_>) -> Option<Effect> {
    let mut at = 2 + usize::from(head.has(1, &["UNIQUE"]));
    let concurrently = head.has(at, &["CONCURRENTLY"]);
    at += usize::from(concurrently);
    if head.has(at, &["IF", "NOT", "EXISTS"]) {
        at += 3;
    }
    let index = if head.has(at, &["ON"]) {
        None
    } else {
        let index = head.tokens.get(at)?.identifier(head.text)?.into_owned();
        at += 1;
        Some(index)
    };
    if !head.has(at, &["ON"]) {
        return None;
    }
    at += 1 + usize::from(head.has(at + 1, &["ONLY"]));
    let (table, _) = name(head, at)?;
    Some(Effect::CreateIndex {
        concurrently,
        scope: match index {
            Some(index) => IndexScope::Named { table, index },
            None => IndexScope::Table(table),
        },
    })
}

/// `REINDEX [(options)] {INDEX | TABLE | SCHEMA | DATABASE | SYSTEM} [CONCURRENTLY] [name]`
fn reindex(head: &Head<'_>) -> Option<Effect> {
    let concurrently = outside_only(head) == Some("REINDEX CONCURRENTLY");
    let kinds = ["INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM"];
    let at = head
        .tokens
        .iter()
        .position(|token| kinds.iter().any(|kind| token.is_word(head.text, kind)))?;
    let behind = at + 1 + usize::from(head.has(at + 1, &["CONCURRENTLY"]));
    let named = || name(head, behind).map(|(name, _)| name);
    let scope = match () {
        () if head.has(at, &["INDEX"]) => IndexScope::Index(named()?),
        () if head.has(at, &["TABLE"]) => IndexScope::Table(named()?),
        () if head.has(at, &["SCHEMA"]) => IndexScope::Schema(named()?),
        () => IndexScope::Database,
    };
    Some(Effect::Reindex {
        concurrently,
        scope,
    })
}

/// `{CREATE | DROP} {DATABASE | TABLESPACE} [IF EXISTS] name`
fn global(head: &Head<'_>) -> Option<Effect> {
    let comes = match () {
        () if head.has(0, &["CREATE"]) => true,
        () if head.has(0, &["DROP"]) => false,
        () => return None,
    };
    let kind = match () {
        () if head.has(1, &["DATABASE"]) => GlobalKind::Database,
        () if head.has(1, &["TABLESPACE"]) => GlobalKind::Tablespace,
        () => return None,
    };
    let at = 2 + if head.has(2, &["IF", "EXISTS"]) { 2 } else { 0 };
    let name = head.tokens.get(at)?.identifier(head.text)?.into_owned();
    Some(Effect::Global { kind, name, comes })
}

/// `ALTER TABLE [IF EXISTS] [ONLY] parent [*] DETACH PARTITION partition CONCURRENTLY`
fn detach(head: &Head<'_>) -> Option<Effect> {
    let mut at = 2 + if head.has(2, &["IF", "EXISTS"]) { 2 } else { 0 };
    at += usize::from(head.has(at, &["ONLY"]));
    let (parent, mut at) = name(head, at)?;
    at += usize::from(head.token_text(at) == "*");
    if !head.has(at, &["DETACH", "PARTITION"]) {
        return None;
    }
    let (partition, at) = name(head, at + 2)?;
    head.has(at, &["CONCURRENTLY"])
        .then_some(Effect::Detach { parent, partition })
}

/// `ALTER DATABASE name SET TABLESPACE tablespace`
fn move_database(head: &Head<'_>) -> Option<Effect> {
    let identifier = |at: usize| Some(head.tokens.get(at)?.identifier(head.text)?.into_owned());
    if !head.has(3, &["SET", "TABLESPACE"]) {
        return None;
    }
    Some(Effect::MoveDatabase {
        database: identifier(2)?,
        tablespace: identifier(5)?,
    })
}

/// The name at token `at`, quoted, and the token behind it.
fn name(head: &Head<'_>, mut at: usize) -> Option<(String, usize)> {
    let mut parts = Vec::new();
    loop {
        let token = head.tokens.get(at)?;
        parts.push(quote_ident(&token.identifier(head.text)?));
        at += 1;
        let dot = head
            .tokens
            .get(at)
            .is_some_and(|token| token.kind == TokenKind::Operator && token.text(head.text) == ".");
        if !dot {
            return Some((parts.join("."), at));
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(table: &str, index: &str) -> IndexScope {
        IndexScope::Named {
            table: table.to_owned(),
            index: index.to_owned(),
        }
    }

    #[test]
    fn indexes_are_found_by_their_names() {
        let create = |concurrently, scope| Effect::CreateIndex {
            concurrently,
            scope,
        };
        let table = |name: &str| IndexScope::Table(name.to_owned());
        for (sql, effect) in [
            (
                "create index concurrently t_n on t (n)",
                create(true, named("t", "t_n")),
            ),
            (
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"T n\" ON ONLY S.\"My T\" (n)",
                create(true, named("s.\"My T\"", "T n")),
            ),
            (
                "create index concurrently on a . b using gin (n)",
                create(true, table("a.b")),
            ),
            (
                "create index t_n on t (n)",
                create(false, named("t", "t_n")),
            ),
            (
                "create index \"on\" on t (n)",
                create(false, named("t", "on")),
            ),
            ("create index if on t (n)", create(false, named("t", "if"))),
            (
                "drop index concurrently if exists s.t_n cascade",
                Effect::DropIndex {
                    name: "s.t_n".to_owned(),
                },
            ),
        ] {
            assert_eq!(Effect::of(sql), effect, "{sql}");
        }
        let reindex = |concurrently, scope| Effect::Reindex {
            concurrently,
            scope,
        };
        let index = |name: &str| IndexScope::Index(name.to_owned());
        for (sql, effect) in [
            ("reindex index t_n", reindex(false, index("t_n"))),
            (
                "reindex (verbose, concurrently) index s.t_n",
                reindex(true, index("s.t_n")),
            ),
            (
                "reindex (concurrently off) table t",
                reindex(false, table("t")),
            ),
            (
                "reindex table concurrently \"T\"",
                reindex(true, table("\"T\"")),
            ),
            (
                "reindex schema concurrently s",
                reindex(true, IndexScope::Schema("s".to_owned())),
            ),
            ("reindex database d", reindex(false, IndexScope::Database)),
        ] {
            assert_eq!(Effect::of(sql), effect, "{sql}");
        }
    }

    #[test]
    fn what_runs_in_a_transaction() {
        for (sql, transactional) in [
            ("create table t (n int)", true),
            ("insert into t values (1)", true),
            ("alter type mood add value 'blue'", true),
            ("create index t_n on t (n)", true),
            ("do $$ begin perform 1; end $$", true),
            ("create index concurrently t_n on t (n)", false),
            ("create index concurrently U&\"t\" on t (n)", false),
            ("drop index concurrently t_n", false),
            ("do $$ begin perform 1; COMMIT; end $$", false),
            ("call backfill()", false),
            ("vacuum", false),
            ("set search_path = s", false),
            ("drop subscription s", false),
            ("alter table p detach partition q concurrently", false),
            ("alter table p detach partition q finalize", true),
            ("alter table t set tablespace s", true),
            ("alter index i set tablespace s", true),
            ("alter database d set tablespace s", false),
            ("create database d", false),
        ] {
            assert_eq!(Effect::of(sql).is_transactional(), transactional, "{sql}");
        }
    }

    #[test]
    fn partitions_that_leave() {
        let detach = |parent: &str, partition: &str| Effect::Detach {
            parent: parent.to_owned(),
            partition: partition.to_owned(),
        };
        for (sql, effect) in [
            (
                "alter table p detach partition q concurrently",
                detach("p", "q"),
            ),
            (
                "ALTER TABLE IF EXISTS ONLY s.\"P\" * DETACH PARTITION S.\"a.b\" CONCURRENTLY",
                detach("s.\"P\"", "s.\"a.b\""),
            ),
            ("alter table p detach partition q", Effect::Transactional),
        ] {
            assert_eq!(Effect::of(sql), effect, "{sql}");
        }
    }

    #[test]
    fn databases_and_tablespaces() {
        for (sql, kind, name, comes) in [
            ("create database \"D\"", GlobalKind::Database, "D", true),
            (
                "drop database if exists d",
                GlobalKind::Database,
                "d",
                false,
            ),
            (
                "create tablespace t location '/x'",
                GlobalKind::Tablespace,
                "t",
                true,
            ),
        ] {
            let name = name.to_owned();
            assert_eq!(
                Effect::of(sql),
                Effect::Global { kind, name, comes },
                "{sql}"
            );
        }
        assert_eq!(
            Effect::of("alter database \"D\" set tablespace Fast"),
            Effect::MoveDatabase {
                database: "D".to_owned(),
                tablespace: "fast".to_owned(),
            }
        );
        assert_eq!(Effect::of("vacuum full t"), Effect::Repeatable);
        assert_eq!(Effect::of("commit prepared 'x'"), Effect::Opaque);
    }
}
