use std::fmt;

use super::{FactId, Kind};

/// A pattern of names: `auth`, `auth.*`, `public.tmp_*`. `*` stands for any characters; without a
/// dot it speaks of a schema with everything in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    schema: String,
    name: Option<String>,
}

impl Pattern {
    /// Reads a pattern; every text is one.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.split_once('.') {
            Some((schema, "*")) => Self::schema(schema),
            Some((schema, name)) => Self {
                schema: schema.to_owned(),
                name: Some(name.to_owned()),
            },
            None => Self::schema(text),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{}.{name}", self.schema),
            None => f.write_str(&self.schema),
        }
    }
}

impl Pattern {
    /// A schema with everything in it.
    #[must_use]
    pub fn schema(name: &str) -> Self {
        Self {
            schema: name.to_owned(),
            name: None,
        }
    }

    /// One object, `*` standing for any characters.
    #[must_use]
    pub fn object(schema: &str, name: &str) -> Self {
        Self {
            schema: schema.to_owned(),
            name: Some(name.to_owned()),
        }
    }

    /// Whether it speaks of this object of a schema; of the schema itself where that is none.
    fn matches(&self, schema: &str, name: Option<&str>) -> bool {
        like(&self.schema, schema)
            && match (&self.name, name) {
                (None, _) => true,
                (Some(pattern), Some(name)) => like(pattern, name),
                (Some(_), None) => false,
            }
    }
}

fn like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| like(rest, &text[at..]))
        }),
    }
}

/// Which facts are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only these; everything where there is none. What is in no schema is then left out.
    pub include: Vec<Pattern>,
    /// None of these.
    pub exclude: Vec<Pattern>,
}

impl Scope {
    /// Whether the fact is looked at.
    #[must_use]
    pub fn holds(&self, id: &FactId) -> bool {
        let Some(schema) = id.schema() else {
            return self.include.is_empty();
        };
        let name = object_name(id);
        let named = |patterns: &[Pattern]| patterns.iter().any(|one| one.matches(schema, name));
        let is_home =
            || id.kind == Kind::Schema || id.subject().is_some_and(|one| one.kind == Kind::Schema);
        // A schema in which something is included is there too.
        let included = self.include.is_empty()
            || named(&self.include)
            || is_home() && self.include.iter().any(|one| like(&one.schema, schema));
        included && !named(&self.exclude)
    }

    /// The patterns by which something was to be looked at and that name none of these facts.
    pub fn unmatched<'s, 'f>(
        &'s self,
        ids: &(impl Iterator<Item = &'f FactId> + Clone),
    ) -> Vec<&'s Pattern> {
        let names = |pattern: &Pattern, id: &FactId| {
            let schema = id.schema();
            schema.is_some_and(|schema| pattern.matches(schema, object_name(id)))
        };
        let patterns = self.include.iter();
        patterns
            .filter(|pattern| !ids.clone().any(|id| names(pattern, id)))
            .collect()
    }
}

/// The name of the object that a fact belongs to; none for a schema.
fn object_name(id: &FactId) -> Option<&str> {
    let at = match id.kind {
        Kind::Schema | Kind::PublicationSchema | Kind::DefaultPrivileges => return None,
        Kind::PublicationTable => 2,
        kind if kind.is_about_another() => {
            if Kind::parse(id.part(0)) == Some(Kind::Schema) {
                return None;
            }
            2
        }
        _ => 1,
    };
    id.path().get(at).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(include: &[&str], exclude: &[&str], id: &FactId) -> bool {
        let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::parse(text)).collect();
        Scope {
            include: patterns(include),
            exclude: patterns(exclude),
        }
        .holds(id)
    }

    #[test]
    fn patterns() {
        let table = FactId::new(Kind::Table, ["public", "tmp_1"]);
        let column = FactId::new(Kind::Column, ["public", "tmp_1", "a"]);
        let comment = FactId::about(Kind::Comment, &column, None);
        let schema = FactId::new(Kind::Schema, ["public"]);
        let extension = FactId::new(Kind::Extension, ["hstore"]);
        for id in [&table, &column, &comment] {
            assert!(holds(&[], &[], id));
            assert!(holds(&["public"], &[], id));
            assert!(!holds(&["auth"], &[], id));
            assert!(!holds(&[], &["public"], id));
            assert!(!holds(&[], &["pub*"], id));
            assert!(!holds(&[], &["public.tmp_*"], id));
            assert!(holds(&[], &["public.*_2"], id));
            assert!(holds(&["public.tmp*"], &[], id));
            assert!(!holds(&["public.t"], &[], id));
        }
        assert!(holds(&["public.tmp*"], &[], &schema));
        assert!(holds(&[], &["public.tmp*"], &schema));
        assert!(!holds(&[], &["public.*"], &schema));
        assert!(holds(&[], &[], &extension));
        assert!(!holds(&["public"], &[], &extension));
        assert_eq!(Pattern::parse("a.b*").to_string(), "a.b*");
        assert_eq!(Pattern::parse("a.*").to_string(), "a");
    }
}
