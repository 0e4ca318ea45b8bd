//! What statements leave in their session beside what can be told to another one, and which
//! statements behind them need it there.

use std::borrow::Cow;

use super::{Quoting, Statement, Token, TokenKind, tokenize};

/// Something that is gone with the session in which it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionBound {
    /// A temporary relation, as the catalog spells it.
    Temporary(String),
    /// A cursor that outlived its statement.
    Cursor(String),
    /// A setting that a statement changed among other work; `None` where it is only named when that
    /// runs.
    Setting(Option<String>),
}

/// What statements that are done leave to others that are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What another session does not have.
    pub what: SessionBound,
    /// The statement that made it, counted from 0.
    pub made_by: usize,
    /// The statement that needs it, or may.
    pub needed_by: usize,
}

/// What is missing where `statements`, which `text` was split into, go on in another session behind
/// the first `done`, to which [`Statement::sets_session`] is told again.
#[must_use]
pub fn missing(text: &str, statements: &[Statement], done: usize) -> Option<Missing> {
    let (before, rest) = statements.split_at_checked(done)?;
    if rest.is_empty() {
        return None;
    }
    let mut held: Vec<(usize, SessionBound)> = Vec::new();
    for (number, statement) in before.iter().enumerate() {
        let statement = statement.text(text);
        if before[number].sets_session(text) {
            held.retain(|(_, what)| !sets(statement, what));
            continue;
        }
        let ends = significant(statement).first().is_some_and(|first| {
            ["DROP", "CLOSE"]
                .iter()
                .any(|w| first.is_word(statement, w))
        });
        held.retain(|(_, what)| !(ends && mentions(statement, what)));
        held.extend(leaves(statement).into_iter().map(|what| (number, what)));
    }
    held.into_iter().find_map(|(made_by, what)| {
        let needed_by = match &what {
            SessionBound::Setting(_) => {
                let mut leading = rest.iter().take_while(|one| one.sets_session(text));
                (!leading.any(|one| sets(one.text(text), &what))).then_some(0)
            }
            _ => {
                let first = rest
                    .iter()
                    .position(|one| mentions(one.text(text), &what))?;
                (!leaves(rest[first].text(text)).contains(&what)).then_some(first)
            }
        }?;
        Some(Missing {
            what,
            made_by,
            needed_by: done + needed_by,
        })
    })
}

fn significant(text: &str) -> Vec<Token> {
    let tokens = tokenize(text);
    tokens.filter(|token| token.kind.is_significant()).collect()
}

/// Whether the statement names it, be it in a literal: a body, or words that are run.
fn mentions(statement: &str, what: &SessionBound) -> bool {
    let (SessionBound::Temporary(name) | SessionBound::Cursor(name)) = what else {
        return false;
    };
    tokenize(statement).any(|token| match token.kind {
        TokenKind::Literal(_) | TokenKind::Continuation(_) => {
            let literal = token.text(statement).to_lowercase();
            literal.contains(&name.to_lowercase())
        }
        _ => token.identifier(statement).is_some_and(|one| one == *name),
    })
}

/// Whether a statement that does nothing but set its session sets this too.
fn sets(statement: &str, what: &SessionBound) -> bool {
    let SessionBound::Setting(name) = what else {
        return false;
    };
    let tokens = significant(statement);
    let is = |at: usize, word: &str| {
        tokens
            .get(at)
            .is_some_and(|one| one.is_word(statement, word))
    };
    if is(0, "RESET") && is(1, "ALL") {
        return true;
    }
    let set: Vec<Option<String>> = if is(0, "SET") || is(0, "RESET") {
        setting_name(statement, &tokens[1..]).into_iter().collect()
    } else {
        calls(statement, &tokens)
    };
    match name {
        Some(_) => set.contains(name),
        None => !set.is_empty(),
    }
}

/// What the statement leaves in its session.
fn leaves(statement: &str) -> Vec<SessionBound> {
    let tokens = significant(statement);
    let is = |at: usize, words: &[&str]| {
        tokens
            .get(at)
            .is_some_and(|one| words.iter().any(|word| one.is_word(statement, word)))
    };
    let settings =
        |found: Vec<Option<String>>| found.into_iter().map(SessionBound::Setting).collect();
    match () {
        () if is(0, &["CREATE"]) => temporary(statement, &tokens).into_iter().collect(),
        () if is(0, &["DECLARE"]) => tokens
            .get(1)
            .and_then(|name| name.identifier(statement))
            .map(|name| SessionBound::Cursor(name.into_owned()))
            .into_iter()
            .collect(),
        () if is(0, &["DO"]) => {
            let literals = tokens.iter().filter_map(|token| body(statement, *token));
            settings(literals.flat_map(|body| of_body(&body)).collect())
        }
        // What these name, they do not run.
        () if is(0, &["ALTER", "COMMENT", "PREPARE", "EXECUTE", "COPY"]) => Vec::new(),
        () => {
            let mut found: Vec<SessionBound> = settings(calls(statement, &tokens));
            found.extend(into_temporary(statement, &tokens));
            found
        }
    }
}

/// `CREATE [OR REPLACE] [LOCAL] TEMPORARY … name`, and `CREATE … pg_temp.name`.
fn temporary(statement: &str, tokens: &[Token]) -> Option<SessionBound> {
    const KINDS: [&str; 3] = ["TABLE", "VIEW", "SEQUENCE"];
    let word = |at: usize, words: &[&str]| {
        let token: Option<&Token> = tokens.get(at);
        token.is_some_and(|one| words.iter().any(|word| one.is_word(statement, word)))
    };
    let kind = (1..tokens.len().min(6)).find(|&at| word(at, &KINDS))?;
    let marked = (1..kind).any(|at| word(at, &["TEMP", "TEMPORARY"]));
    let mut at = kind + 1;
    if word(at, &["IF"]) {
        at += 3;
    }
    let first = tokens.get(at)?.identifier(statement)?;
    let within = tokens
        .get(at + 1)
        .is_some_and(|dot| dot.text(statement) == ".");
    let name = if within {
        tokens.get(at + 2)?.identifier(statement)?
    } else {
        first.clone()
    };
    let gone = (at..tokens.len())
        .any(|at| word(at, &["ON"]) && word(at + 1, &["COMMIT"]) && word(at + 2, &["DROP"]));
    let bound = (marked || (within && first == "pg_temp")) && !gone;
    bound.then(|| SessionBound::Temporary(name.into_owned()))
}

/// `SELECT … INTO TEMPORARY [TABLE] name`
fn into_temporary(statement: &str, tokens: &[Token]) -> Option<SessionBound> {
    let word = |at: usize, words: &[&str]| {
        let token: Option<&Token> = tokens.get(at);
        token.is_some_and(|one| words.iter().any(|word| one.is_word(statement, word)))
    };
    let into = (0..tokens.len())
        .find(|&at| word(at, &["INTO"]) && word(at + 1, &["TEMP", "TEMPORARY"]))?;
    let at = into + 2 + usize::from(word(into + 2, &["TABLE"]));
    let name = tokens.get(at)?.identifier(statement)?;
    Some(SessionBound::Temporary(name.into_owned()))
}

/// What is within `$tag$…$tag$` or `'…'`.
fn body(text: &str, token: Token) -> Option<Cow<'_, str>> {
    let literal = token.text(text);
    match token.kind {
        TokenKind::Literal(Quoting::Dollar) => {
            let tag = literal[1..].find('$')? + 2;
            let within = literal.get(tag..literal.len().checked_sub(tag)?)?;
            Some(Cow::Borrowed(within))
        }
        TokenKind::Literal(_) => {
            let start = literal.find('\'')? + 1;
            let within = literal.get(start..literal.len().checked_sub(1)?)?;
            Some(Cow::Owned(within.replace("''", "'")))
        }
        _ => None,
    }
}

/// The settings that a body changes for longer than it runs: by `SET`, by `set_config`, and by
/// either in words that it runs.
fn of_body(body_text: &str) -> Vec<Option<String>> {
    let tokens = significant(body_text);
    let mut found = calls(body_text, &tokens);
    for (at, token) in tokens.iter().enumerate() {
        if let Some(inner) = body(body_text, *token) {
            found.extend(of_body(&inner));
        }
        let begins = at == 0
            || matches!(
                tokens[at - 1].kind,
                TokenKind::Terminator | TokenKind::Semicolon
            )
            || ["BEGIN", "THEN", "ELSE", "LOOP"]
                .iter()
                .any(|word| tokens[at - 1].is_word(body_text, word));
        if begins && token.is_word(body_text, "SET") {
            found.extend(setting_name(body_text, &tokens[at + 1..]));
        }
    }
    found
}

/// The setting that the tokens behind `SET` or `RESET` name; none where it holds for a transaction
/// only.
fn setting_name(text: &str, tokens: &[Token]) -> Option<Option<String>> {
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|one| one.is_word(text, word));
    if ["LOCAL", "CONSTRAINTS", "TRANSACTION"]
        .iter()
        .any(|word| is(0, word))
    {
        return None;
    }
    let known = |name: &str| Some(Some(name.to_owned()));
    let at = usize::from(is(0, "SESSION") && !is(1, "CHARACTERISTICS"));
    match () {
        () if is(at, "SCHEMA") => known("search_path"),
        () if is(at, "TIME") => known("timezone"),
        () if is(at, "AUTHORIZATION") => known("session_authorization"),
        () if is(at, "NAMES") => known("client_encoding"),
        () => {
            let part = |at: usize| Some(tokens.get(at)?.identifier(text)?.to_lowercase());
            let mut name = part(at).unwrap_or_default();
            let dots = tokens.iter().skip(at + 1).step_by(2);
            for (number, _) in dots.take_while(|dot| dot.text(text) == ".").enumerate() {
                name.push('.');
                name.extend(part(at + 2 + 2 * number));
            }
            Some((!name.is_empty()).then_some(name))
        }
    }
}

/// The settings that calls of `set_config` change for the session.
fn calls(text: &str, tokens: &[Token]) -> Vec<Option<String>> {
    let called = (0..tokens.len()).filter(|&at| {
        let named = tokens[at].identifier(text);
        named.is_some_and(|name| name == "set_config")
            && tokens
                .get(at + 1)
                .is_some_and(|open| open.kind == TokenKind::OpenParenthesis)
    });
    called
        .filter_map(|at| {
            let arguments = arguments(text, &tokens[at + 2..]);
            let local = arguments.get(2).is_some_and(|argument| {
                let word = argument.first().map_or("", |one| one.text(text));
                let word = word.trim_matches('\'').to_ascii_lowercase();
                argument.len() == 1 && ["true", "t", "on", "yes", "1"].contains(&word.as_str())
            });
            let name = match arguments.first().copied() {
                Some([name]) => body(text, *name).map(|name| name.to_lowercase()),
                _ => None,
            };
            (!local).then_some(name)
        })
        .collect()
}

/// The arguments of a call, up to its `)`.
fn arguments<'a>(text: &str, tokens: &'a [Token]) -> Vec<&'a [Token]> {
    let (mut depth, mut from, mut found) = (0_usize, 0, Vec::new());
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::OpenParenthesis => depth += 1,
            TokenKind::CloseParenthesis if depth == 0 => {
                found.push(&tokens[from..at]);
                return found;
            }
            TokenKind::CloseParenthesis => depth -= 1,
            _ if depth == 0 && token.text(text) == "," => {
                found.push(&tokens[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::split;

    /// What is missing behind the statements before `|`: what, made by which, needed by which.
    fn said(script: &str) -> String {
        let (before, _) = script.split_once('|').unwrap();
        let done = split(before).unwrap().len();
        let text = script.replacen('|', "", 1);
        match missing(&text, &split(&text).unwrap(), done) {
            None => String::new(),
            Some(found) => {
                let what = match found.what {
                    SessionBound::Temporary(name) => format!("table {name}"),
                    SessionBound::Cursor(name) => format!("cursor {name}"),
                    SessionBound::Setting(name) => format!("setting {name:?}"),
                };
                format!("{what} of {} for {}", found.made_by, found.needed_by)
            }
        }
    }

    #[test]
    fn what_a_new_session_lacks() {
        for (script, expected) in [
            (
                "create temp table x (n int);| select 1; table X;",
                "table x of 0 for 2",
            ),
            (
                "create local temporary table if not exists \"X y\" as select 1;| do $$ begin \
                 perform 1 from \"X y\"; end $$;",
                "table X y of 0 for 1",
            ),
            (
                "create or replace temp view v as select 1;| table v;",
                "table v of 0 for 1",
            ),
            ("create table pg_temp.x ();| table x;", "table x of 0 for 1"),
            (
                "select 1 as n into temp table x;| table x;",
                "table x of 0 for 1",
            ),
            (
                "declare c cursor with hold for select 1;| fetch c;",
                "cursor c of 0 for 1",
            ),
            (
                "select set_config('Search_Path', 's', false), f();| select 1;",
                "setting Some(\"search_path\") of 0 for 1",
            ),
            (
                "do $$ begin perform pg_catalog.set_config(x, y, false); end $$;| select 1;",
                "setting None of 0 for 1",
            ),
            (
                "do $$ begin if true then set role r; end if; end $$;| set lock_timeout = 1;",
                "setting Some(\"role\") of 0 for 1",
            ),
            (
                "do 'begin execute ''set session my.own = 1''; end';| select 1;",
                "setting Some(\"my.own\") of 0 for 1",
            ),
            (
                "insert into t values (set_config('a.b', 'x', false));| select 1;",
                "setting Some(\"a.b\") of 0 for 1",
            ),
        ] {
            assert_eq!(said(script), expected, "{script}");
        }
    }

    #[test]
    fn what_a_new_session_does_not_lack() {
        for script in [
            "create temp table x (n int);| select 1;",
            "create temp table x (n int); drop table x;| create temp table x (m int); table x;",
            "create temp table x (n int);| create temp table x (n int); table x;",
            "create temp table x (n int) on commit drop;| table x;",
            "create table x (n int);| table x;",
            "declare c cursor with hold for select 1; close c;| declare c cursor for select 1;",
            "set search_path = s;| select 1;",
            "select set_config('search_path', 's', false);| select 1;",
            "select set_config('search_path', 's', true), f();| select 1;",
            "select set_config('search_path', 's', false), f();| set schema 's'; select 1;",
            "select set_config('a.b', 's', false), f();| set lock_timeout = 1; set a.b to 'x';",
            "select set_config('a.b', 's', false), f(); set session a.b = 'x';| select 1;",
            "select set_config('a.b', 's', false), f(); reset all;| select 1;",
            "select set_config('a.b', 's', false), f();|",
            "do $$ begin set local role r; update t set role = 1; end $$;| select 1;",
            "create function f() returns text language sql as $$ select set_config('a', 'b', false) $$;| select 1;",
        ] {
            assert_eq!(said(script), "", "{script}");
        }
    }
}
