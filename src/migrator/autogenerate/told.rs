//! Renames that the declared schema tells: `-- renamed-from: old` above what has the new name.

use std::borrow::Cow;
use std::path::Path;

use crate::diagnostic::Place;
use crate::diff::{BadRename, Rename};
use crate::migrator::states::{StateError, Wanted};
use crate::source::SqlText;
use crate::sql::{Quoting, Span, Token, TokenKind, tokenize};

/// Where things are made that tell no schema.
const HOME: &str = "public";

/// What the comment begins with.
const KEY: &str = "renamed-from:";

/// The renames of texts: those of what others are named by first.
///
/// # Errors
/// A comment that is above nothing, or above what cannot be renamed.
pub(super) fn renames_in(texts: &[SqlText]) -> Result<Vec<Wanted>, StateError> {
    let mut found = Vec::new();
    for text in texts {
        in_text(&text.shown, &text.text, &mut found)?;
    }
    // A column is found by the new name of its table.
    found.sort_by_key(|one| one.rename.old.path().len() + usize::from(one.rename.label.is_some()));
    Ok(found)
}

/// A comment, the token that it stands above, and whether that begins a statement.
struct Told {
    comment: Span,
    old: String,
    above: usize,
}

fn in_text(shown: &Path, text: &str, found: &mut Vec<Wanted>) -> Result<(), StateError> {
    let mut home = HOME.to_owned();
    let (mut statement, mut told): (Vec<Token>, Vec<Told>) = (Vec::new(), Vec::new());
    for token in tokenize(text) {
        match token.kind {
            TokenKind::LineComment => {
                let comment = token.text(text).trim_start_matches('-').trim();
                if let Some(old) = comment.strip_prefix(KEY) {
                    let told_here = Told {
                        comment: token.span,
                        old: old.trim().to_owned(),
                        above: statement.len(),
                    };
                    if !begins_line(text, token.span) {
                        return Err(bad(shown, text, &told_here, BadRename::NotAbove));
                    }
                    told.push(told_here);
                }
            }
            TokenKind::Terminator => {
                of_statement(shown, text, (&statement, &home), &told, found)?;
                if let Some(moved) = home_by(text, &statement) {
                    home = moved;
                }
                statement.clear();
                told.clear();
            }
            kind if kind.is_significant() => statement.push(token),
            _ => {}
        }
    }
    of_statement(shown, text, (&statement, &home), &told, found)
}

/// The schema of names that tell none, behind a statement that sets the search path.
fn home_by(text: &str, statement: &[Token]) -> Option<String> {
    let mut reading = Reading {
        text,
        tokens: statement,
        at: 0,
        home: HOME,
    };
    if reading.takes(&["reset", "search_path"]) || reading.takes(&["reset", "all"]) {
        return Some(HOME.to_owned());
    }
    if reading.takes(&["set"]) {
        let _ = reading.takes(&["session"]) || reading.takes(&["local"]);
        if reading.takes(&["schema"]) {
            return literal(*statement.get(reading.at)?, text);
        }
        if !reading.takes(&["search_path"]) {
            return None;
        }
        let values = statement.get(reading.at + 1..)?;
        let is_default = matches!(values, [only] if only.is_word(text, "default"));
        let mut names = values.iter().filter_map(|token| {
            let name = token.identifier(text).map(Cow::into_owned);
            name.or_else(|| literal(*token, text))
        });
        return match names.find(|name| is_home(name)) {
            Some(name) if !is_default => Some(name),
            _ => Some(HOME.to_owned()),
        };
    }
    if reading.takes(&["select"]) {
        let name = reading.name().ok()?;
        let is_set = name.last().is_some_and(|name| name == "set_config");
        let rest = statement.get(reading.at..).filter(|_| is_set)?;
        let mut values = rest.iter().filter_map(|token| literal(*token, text));
        if values.next()? != "search_path" {
            return None;
        }
        let path = values.next()?;
        let tokens = tokenize(&path).filter_map(|token| token.identifier(&path));
        let mut names = tokens.map(Cow::into_owned);
        return Some(
            names
                .find(|name| is_home(name))
                .unwrap_or_else(|| HOME.to_owned()),
        );
    }
    None
}

/// Whether things are made in this part of a search path.
fn is_home(name: &str) -> bool {
    !matches!(name, "" | "$user" | "pg_catalog" | "pg_temp")
}

fn begins_line(text: &str, span: Span) -> bool {
    let before = text[..span.start].rsplit('\n').next().unwrap_or_default();
    before.trim().is_empty()
}

fn bad(shown: &Path, text: &str, told: &Told, reason: BadRename) -> StateError {
    StateError::BadRename {
        rename: told.old.clone(),
        place: Some(Place::in_text(shown, text, told.comment)),
        reason,
    }
}

fn of_statement(
    shown: &Path,
    text: &str,
    (tokens, home): (&[Token], &str),
    told: &[Told],
    found: &mut Vec<Wanted>,
) -> Result<(), StateError> {
    for one in told {
        let reading = Reading {
            text,
            tokens,
            at: 0,
            home,
        };
        let rename = old_name(&one.old)
            .ok_or(BadRename::Form)
            .and_then(|(schema, old)| {
                let rename = reading.rename(one.above, old)?;
                match schema {
                    Some(schema) => rename.coming_from(schema),
                    None => Ok(rename),
                }
            });
        let rename = rename.map_err(|reason| bad(shown, text, one, reason))?;
        found.push(Wanted {
            rename,
            place: Some(Place::in_text(shown, text, one.comment)),
        });
    }
    Ok(())
}

/// A name, with a schema where it is in another one, or, of an enum's value, a literal.
fn old_name(old: &str) -> Option<(Option<String>, String)> {
    let tokens: Vec<Token> = tokenize(old)
        .filter(|token| token.kind.is_significant())
        .collect();
    let name = |token: Token| token.identifier(old).map(Cow::into_owned);
    match tokens.as_slice() {
        [only] => {
            let name = name(*only).or_else(|| literal(*only, old));
            Some((None, name?))
        }
        [schema, dot, last] if dot.text(old) == "." => Some((Some(name(*schema)?), name(*last)?)),
        _ => None,
    }
}

fn literal(token: Token, text: &str) -> Option<String> {
    if token.kind != TokenKind::Literal(Quoting::Plain) {
        return None;
    }
    let inner = token.text(text).strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inner.replace("''", "'"))
}

/// A statement that is read token by token.
struct Reading<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
    /// The schema of names that tell none.
    home: &'t str,
}

impl Reading<'_> {
    /// What gets its old name, which stands above the token at `above`.
    fn rename(mut self, above: usize, old: String) -> Result<Rename, BadRename> {
        let whole = above == 0;
        if self.takes(&["alter", "table"]) {
            self.takes(&["if", "exists"]);
            self.takes(&["only"]);
            let table = self.object()?;
            if !whole {
                self.at = above;
            }
            return self.added(table, old);
        }
        if !self.takes(&["create"]) {
            return Err(BadRename::NotAbove);
        }
        let (mut is_materialized, mut is_foreign) = (false, false);
        let word = loop {
            let word = self.word().ok_or(BadRename::Kind)?;
            match word.as_str() {
                "materialized" => is_materialized = true,
                "foreign" => is_foreign = true,
                "or" | "replace" | "global" | "local" | "temp" | "temporary" | "unlogged"
                | "unique" | "recursive" => {}
                _ => break word,
            }
        };
        self.takes(&["concurrently"]);
        self.takes(&["if", "not", "exists"]);
        match (word.as_str(), whole) {
            ("index", true) => {
                let index = self.name()?;
                self.takes(&["on"]);
                self.takes(&["only"]);
                let mut path = self.object()?;
                let new = index.last().cloned().ok_or(BadRename::Form)?;
                path.push(old);
                Rename::of("index", path, new)
            }
            ("view", true) if is_materialized => self.renamed("materialized-view", old),
            ("schema" | "table" | "view" | "sequence" | "type" | "domain", true) => {
                self.renamed(&word, old)
            }
            ("table", false) => {
                let table = self.object()?;
                self.at = above;
                self.part(table, old)
            }
            ("type", false) if !is_foreign => {
                let mut path = self.object()?;
                self.at = above;
                let value = self.tokens.get(self.at);
                let new = value.and_then(|token| literal(*token, self.text));
                path.push(old);
                Rename::of("value", path, new.ok_or(BadRename::Kind)?)
            }
            _ => Err(BadRename::Kind),
        }
    }

    /// What is made, by its new name.
    fn renamed(&mut self, kind: &str, old: String) -> Result<Rename, BadRename> {
        let mut path = match kind {
            "schema" => self.name()?,
            _ => self.object()?,
        };
        let new = path.pop().ok_or(BadRename::Form)?;
        path.push(old);
        Rename::of(kind, path, new)
    }

    /// `ADD [COLUMN] name …` or `ADD CONSTRAINT name …`.
    fn added(&mut self, table: Vec<String>, old: String) -> Result<Rename, BadRename> {
        if !self.takes(&["add"]) {
            return Err(BadRename::NotAbove);
        }
        self.takes(&["column"]);
        self.takes(&["if", "not", "exists"]);
        self.part(table, old)
    }

    /// A column or a constraint among what a table has.
    fn part(&mut self, mut table: Vec<String>, old: String) -> Result<Rename, BadRename> {
        let kind = if self.takes(&["constraint"]) {
            "constraint"
        } else {
            "column"
        };
        let new = self.identifier().ok_or(BadRename::NotAbove)?;
        table.push(old);
        Rename::of(kind, table, new)
    }

    /// Passes over words, where they are next.
    fn takes(&mut self, words: &[&str]) -> bool {
        let next = self.tokens.get(self.at..).unwrap_or_default();
        let are_next = words.len() <= next.len()
            && words
                .iter()
                .zip(next)
                .all(|(word, token)| token.is_word(self.text, word));
        if are_next {
            self.at += words.len();
        }
        are_next
    }

    /// The next word, in lower case.
    fn word(&mut self) -> Option<String> {
        let token = self.tokens.get(self.at)?;
        if token.kind != TokenKind::Word {
            return None;
        }
        self.identifier()
    }

    fn identifier(&mut self) -> Option<String> {
        let token = self.tokens.get(self.at)?;
        let name = token.identifier(self.text)?.into_owned();
        self.at += 1;
        Some(name)
    }

    /// A name with its schema.
    fn object(&mut self) -> Result<Vec<String>, BadRename> {
        let mut path = self.name()?;
        if path.len() == 1 {
            path.insert(0, self.home.to_owned());
        }
        Ok(path)
    }

    /// A name, with the schema where that is told.
    fn name(&mut self) -> Result<Vec<String>, BadRename> {
        let mut path = vec![self.identifier().ok_or(BadRename::NotAbove)?];
        while self
            .tokens
            .get(self.at)
            .is_some_and(|token| token.text(self.text) == ".")
        {
            self.at += 1;
            path.push(self.identifier().ok_or(BadRename::NotAbove)?);
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<Vec<String>, BadRename> {
        let text = SqlText {
            shown: "schema.sql".into(),
            text: text.to_owned(),
        };
        match renames_in(&[text]) {
            Ok(found) => Ok(found.iter().map(|one| one.rename.to_string()).collect()),
            Err(StateError::BadRename { reason, .. }) => Err(reason),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn above_statements_columns_and_values() {
        let text = "\
-- What was noted.
-- renamed-from: notes
create table public.memos (
    id bigint primary key,
    -- renamed-from: body
    \"Text\" text,
    -- renamed-from: old_check
    constraint memos_check check (id > 0)
);
-- renamed-from: \"Old Name\"
create unique index concurrently if not exists memos_i on only app.memos (id);
create type mood as enum (
    -- renamed-from: 'it''s sad'
    'unhappy',
    'ok'
);
-- renamed-from: totals
create materialized view app.sums as select 1;
-- renamed-from: a_key
alter table only app.memos add constraint b_key unique (id);
alter table memos
    -- renamed-from: at
    add column if not exists made_at timestamptz;
-- renamed-from: s
CREATE SCHEMA app;
-- renamed-from: v1
create or replace view v2 as select 1;
-- renamed-from: public.people
create table app.people (
    -- renamed-from: nom
    name text
);
-- renamed-from: app.\"Sum\"
create domain public.total as int;
-- renamed-from: public.same
create table public.other ();
";
        assert_eq!(
            told(text).unwrap(),
            [
                "schema:s=app",
                "table:public.notes=memos",
                "materialized-view:app.totals=sums",
                "view:public.v1=v2",
                "table:public.people=app.people",
                "domain:app.\"Sum\"=public.total",
                "table:public.same=other",
                "column:public.memos.body=\"Text\"",
                "constraint:public.memos.old_check=memos_check",
                "index:app.memos.\"Old Name\"=memos_i",
                "value:public.mood.\"it's sad\"=unhappy",
                "constraint:app.memos.a_key=b_key",
                "column:public.memos.at=made_at",
                "column:app.people.nom=name",
            ]
        );
    }

    #[test]
    fn the_search_path_tells_the_schema() {
        for (set, schema) in [
            ("set search_path to app, public", "app"),
            (
                "SET LOCAL search_path = \"$user\", \"My App\"",
                "\"My App\"",
            ),
            ("set search_path = 'app'", "app"),
            ("set schema 'app'", "app"),
            ("set search_path = app; reset search_path", "public"),
            (
                "set search_path = app; set search_path to default",
                "public",
            ),
            ("set search_path = app; set role postgres", "app"),
            (
                "select pg_catalog.set_config('search_path', 'app, x', false)",
                "app",
            ),
            (
                "select pg_catalog.set_config('search_path', '', false)",
                "public",
            ),
            ("select set_config('lock_timeout', 'app', false)", "public"),
        ] {
            let text = format!(
                "{set};\n-- renamed-from: a\ncreate table b (\n-- renamed-from: c\nd int);\n\
                 -- renamed-from: e\ncreate type own.f as enum (\n-- renamed-from: 'g'\n'h');\n\
                 -- renamed-from: i\ncreate index j on b (d);\n"
            );
            assert_eq!(
                told(&text).unwrap(),
                [
                    format!("table:{schema}.a=b"),
                    "type:own.e=f".to_owned(),
                    format!("column:{schema}.b.c=d"),
                    "value:own.f.g=h".to_owned(),
                    format!("index:{schema}.b.i=j"),
                ],
                "{set}"
            );
        }
    }

    #[test]
    fn where_it_means_nothing() {
        for (text, reason) in [
            (
                "create table t (a int, -- renamed-from: b\nc int);",
                BadRename::NotAbove,
            ),
            (
                "-- renamed-from: b\ncreate function f() returns int language sql as 'select 1';",
                BadRename::Kind,
            ),
            ("-- renamed-from: b\nselect 1;", BadRename::NotAbove),
            ("-- renamed-from: b", BadRename::NotAbove),
            (
                "-- renamed-from: a.b.c\ncreate table c ();",
                BadRename::Form,
            ),
            ("-- renamed-from: a.b\ncreate schema c;", BadRename::Stays),
            (
                "-- renamed-from: a.b\ncreate index c on t (n);",
                BadRename::Stays,
            ),
            (
                "create table t (\n-- renamed-from: a.b\nc int);",
                BadRename::Stays,
            ),
            ("-- renamed-from:\ncreate table c ();", BadRename::Form),
            (
                "create table t (\n-- renamed-from: b\n);",
                BadRename::NotAbove,
            ),
        ] {
            assert_eq!(told(text), Err(reason), "{text}");
        }
        assert_eq!(told("select '-- renamed-from: a';"), Ok(Vec::new()));
    }
}
