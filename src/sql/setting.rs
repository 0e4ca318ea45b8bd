//! Which statements only say how those behind them run.

use super::{Statement, TokenKind, tokenize};

impl Statement {
    /// Whether the statement does nothing but change its session, so that a later session has to be
    /// told it again, and can be without harm: `SET`, `RESET`, `LOAD`, `LISTEN`, `PREPARE name …`,
    /// `SELECT set_config(…)` with nothing else in it.
    #[must_use]
    pub fn sets_session(self, script: &str) -> bool {
        let words = self.words(script, 2);
        match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["PREPARE", "TRANSACTION"] => false,
            [
                "SET" | "RESET" | "LOAD" | "LISTEN" | "UNLISTEN" | "PREPARE" | "DEALLOCATE",
                ..,
            ] => true,
            ["SELECT", ..] => self.only_calls_set_config(script),
            _ => false,
        }
    }

    fn only_calls_set_config(self, script: &str) -> bool {
        let text = self.text(script);
        let mut tokens = tokenize(text)
            .filter(|token| token.kind.is_significant())
            .map(|token| (token.kind, token.text(text).to_ascii_lowercase()))
            .skip(1)
            .peekable();
        loop {
            if tokens.next_if(|(_, word)| word == "pg_catalog").is_some()
                && tokens.next_if(|(_, dot)| dot == ".").is_none()
            {
                return false;
            }
            if tokens.next_if(|(_, word)| word == "set_config").is_none()
                || tokens
                    .next_if(|(kind, _)| *kind == TokenKind::OpenParenthesis)
                    .is_none()
            {
                return false;
            }
            // What the arguments call could do more: none may be a call or a query.
            let inner = |(kind, _): &(TokenKind, String)| {
                !matches!(
                    kind,
                    TokenKind::OpenParenthesis | TokenKind::CloseParenthesis
                )
            };
            while tokens.next_if(inner).is_some() {}
            if !matches!(tokens.next(), Some((TokenKind::CloseParenthesis, _))) {
                return false;
            }
            match tokens.next() {
                None | Some((TokenKind::Terminator, _)) => return true,
                Some((_, comma)) if comma == "," => {}
                Some(_) => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sql::split;

    fn sets(script: &str) -> bool {
        split(script).unwrap()[0].sets_session(script)
    }

    #[test]
    fn what_only_sets_is_told_from_what_does_more() {
        for script in [
            "set search_path = a",
            "RESET ALL;",
            "listen news",
            "prepare p as select 1",
            "select set_config('search_path', 'a', false);",
            "SELECT pg_catalog.set_config('a.b', '(', false), set_config('c.d', 'x'::text, false)",
        ] {
            assert!(sets(script), "{script}");
        }
        for script in [
            "prepare transaction 'x'",
            "select 1",
            "select set_config('a.b', nextval('s')::text, false)",
            "select set_config('a.b', 'x', false), setval('s', 1)",
            "select set_config('a.b', 'x', false) from t",
            "select other.set_config('a.b', 'x', false)",
            "select pg_catalog.set_config",
            "insert into t values (set_config('a.b', 'x', false))",
            "update t set a = 1",
        ] {
            assert!(!sets(script), "{script}");
        }
    }
}
