//! Where an object of the database was made: the statement of the revision that creates it.

use crate::diagnostic::Place;
use crate::graph::NodeIx;
use crate::rls::Object;
use crate::source::Versions;
use crate::sql::{QualifiedName, Statement, Token, TokenKind, split, tokenize};

/// The revision and the place of the statement that made an object, the last one where there are
/// several; none where no script says so in plain words.
pub(super) fn origin(versions: &Versions, object: &Object) -> Option<(String, Place)> {
    let graph = &versions.graph;
    let newest_first: Vec<NodeIx> = graph.history_order(&graph.all());
    newest_first.into_iter().find_map(|node| {
        let revision = versions.revision(node);
        let script = revision.up();
        let statements = split(&script.text).ok()?;
        let made = statements
            .into_iter()
            .rev()
            .find(|statement| makes(*statement, &script.text, object))?;
        let place = Place::in_text(&script.path, &script.text, made.span);
        Some((revision.id().to_string(), place))
    })
}

fn makes(statement: Statement, script: &str, object: &Object) -> bool {
    let text = statement.text(script);
    let tokens: Vec<Token> = tokenize(text)
        .filter(|token| token.kind.is_significant())
        .take(16)
        .collect();
    let mut words = Words {
        text,
        tokens,
        at: 0,
    };
    if !words.take("create") {
        return false;
    }
    for filler in ["or", "replace", "unlogged", "unique", "recursive"] {
        words.take(filler);
    }
    match object {
        Object::Relation(name) => {
            words.take("foreign");
            words.take("materialized");
            (words.take("table") || words.take("view")) && words.names(name)
        }
        Object::Policy { table, name } => {
            words.take("policy")
                && words.name().as_deref() == Some(name)
                && words.take("on")
                && words.names(table)
        }
        Object::Function { name, .. } => {
            (words.take("function") || words.take("procedure")) && words.names(name)
        }
        Object::Index(name) => words.take("index") && words.names(name),
        Object::Extension(name) => {
            words.take("extension") && {
                words.skip_if_not_exists();
                words.name().as_deref() == Some(name)
            }
        }
        Object::Role(name) => words.take("role") && words.name().as_deref() == Some(name),
    }
}

/// The first tokens of a statement.
struct Words<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
}

impl Words<'_> {
    /// Passes over a word, if it is next.
    fn take(&mut self, word: &str) -> bool {
        let next = self.tokens.get(self.at);
        let is_next = next.is_some_and(|token| {
            token.kind == TokenKind::Word && token.text(self.text).eq_ignore_ascii_case(word)
        });
        self.at += usize::from(is_next);
        is_next
    }

    fn skip_if_not_exists(&mut self) {
        for word in ["concurrently", "if", "not", "exists", "only"] {
            self.take(word);
        }
    }

    fn name(&mut self) -> Option<String> {
        let name = self.tokens.get(self.at)?.identifier(self.text)?;
        self.at += 1;
        Some(name.into_owned())
    }

    /// Whether this name is next, its schema written or not.
    fn names(&mut self, wanted: &QualifiedName) -> bool {
        self.skip_if_not_exists();
        let Some(first) = self.name() else {
            return false;
        };
        let dot = self.tokens.get(self.at);
        if dot.is_none_or(|token| token.text(self.text) != ".") {
            return first == wanted.name;
        }
        self.at += 1;
        first == wanted.schema && self.name().as_deref() == Some(&wanted.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(script: &str, object: &Object) -> Option<usize> {
        let statements = split(script).unwrap();
        statements
            .into_iter()
            .position(|statement| makes(statement, script, object))
    }

    #[test]
    fn statements_that_make_objects() {
        let script = "create table notes (id int);
            CREATE TABLE IF NOT EXISTS \"Public\".notes (id int);
            create or replace function public.f() returns int language sql as 'select 1';
            create policy \"Own\" on public.notes using (true);
            create unique index concurrently i on notes (id);
            create materialized view public.m as select 1";
        let name = |name: &str| QualifiedName::new("public", name);
        let policy = |policy: &str| Object::Policy {
            table: name("notes"),
            name: policy.to_owned(),
        };
        let function = Object::Function {
            name: name("f"),
            signature: "public.f()".to_owned(),
        };
        for (object, at) in [
            (Object::Relation(name("notes")), Some(0)),
            (
                Object::Relation(QualifiedName::new("Public", "notes")),
                Some(0),
            ),
            (Object::Relation(QualifiedName::new("other", "f")), None),
            (function, Some(2)),
            (policy("Own"), Some(3)),
            (policy("own"), None),
            (Object::Index(name("i")), Some(4)),
            (Object::Relation(name("m")), Some(5)),
        ] {
            assert_eq!(first(script, &object), at, "{object}");
        }
    }
}
