//! How new revisions are named: ids, slugs, and the pattern of their file names.

use std::fmt;
use std::path::PathBuf;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Local, Utc};
use serde::Serialize;

use crate::revision::{RevisionId, nearest};

/// How the ids of new revisions are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdKind {
    /// 12 random hexadecimal digits.
    #[default]
    Random,
    /// 12 hexadecimal digits that sort by time: the milliseconds since 1970.
    Time,
}

impl fmt::Display for IdKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Random => "random",
            Self::Time => "time",
        })
    }
}

impl IdKind {
    /// A new id that `taken` does not know.
    pub fn make(self, now: DateTime<Utc>, taken: impl Fn(&str) -> bool) -> RevisionId {
        const MASK: u64 = (1 << 48) - 1;
        let mut number = match self {
            Self::Random => rand::random::<u64>(),
            Self::Time => now.timestamp_millis().unsigned_abs(),
        };
        loop {
            let text = format!("{:012x}", number & MASK);
            if !taken(&text)
                && let Ok(id) = RevisionId::parse(&text)
            {
                return id;
            }
            number = number.wrapping_add(1);
        }
    }
}

/// In which time zone a file name's date and time are told. The header's `created` is always UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum TimeZone {
    /// Coordinated universal time.
    #[default]
    #[serde(rename = "UTC")]
    Utc,
    /// The machine's.
    #[serde(rename = "local")]
    Local,
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Utc => "UTC",
            Self::Local => "local",
        })
    }
}

impl TimeZone {
    fn format(self, at: DateTime<Utc>, items: &[Item<'_>]) -> String {
        match self {
            Self::Utc => at.format_with_items(items.iter()).to_string(),
            Self::Local => at
                .with_timezone(&Local)
                .format_with_items(items.iter())
                .to_string(),
        }
    }
}

/// How new revisions are named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Naming {
    /// What the file name is made of.
    pub pattern: FileNamePattern,
    /// How ids are made.
    pub id: IdKind,
    /// The longest slug, in characters.
    pub slug_length: usize,
    /// The time zone of the file name's date and time.
    pub zone: TimeZone,
}

/// The message as part of a file name: its letters and digits in lower case, every other run of
/// characters one `_`, cut before the word that would make it longer than `length` characters
/// (a single word longer than that is cut within).
#[must_use]
pub fn slug(message: &str, length: usize) -> String {
    let lower = message.to_lowercase();
    let mut slug = String::new();
    for word in lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let used = slug.chars().count();
        if used == 0 {
            slug.extend(word.chars().take(length));
        } else if used + 1 + word.chars().count() <= length {
            slug.push('_');
            slug.push_str(word);
        } else {
            break;
        }
    }
    slug
}

/// What a file name is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placeholder {
    Id,
    Slug,
    /// A part of the instant of creation, as strftime writes it.
    Instant(&'static str),
}

/// The placeholders that a file-name pattern may hold, with what stands for each.
const PLACEHOLDERS: [(&str, Placeholder); 11] = [
    ("id", Placeholder::Id),
    ("slug", Placeholder::Slug),
    ("date", Placeholder::Instant("%Y%m%d")),
    ("time", Placeholder::Instant("%H%M")),
    ("year", Placeholder::Instant("%Y")),
    ("month", Placeholder::Instant("%m")),
    ("day", Placeholder::Instant("%d")),
    ("hour", Placeholder::Instant("%H")),
    ("minute", Placeholder::Instant("%M")),
    ("second", Placeholder::Instant("%S")),
    ("epoch", Placeholder::Instant("%s")),
];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

/// The pattern that a new revision's file name is made from, without `.up.sql`.
///
/// Placeholders: `{id}`, `{slug}` (the message), and of the instant of creation `{date}`
/// (`20261122`), `{time}` (`1530`), `{year}`, `{month}`, `{day}`, `{hour}`, `{minute}`, `{second}`
/// and `{epoch}` (seconds since 1970). `/` makes subfolders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileNamePattern {
    text: String,
    parts: Vec<Part>,
}

/// Why a text is no file-name pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternDefect {
    /// A `{name}` that is none of the placeholders.
    #[error("`{{{name}}}` is not a placeholder{}", .nearest.map(|n| format!(", `{{{n}}}` is")).unwrap_or_default())]
    Unknown {
        /// The name as written.
        name: String,
        /// The placeholder that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A brace without its partner.
    #[error("a brace is not closed or not opened")]
    Brace,
    /// Neither `{id}` nor `{slug}`: every file would have the same name.
    #[error("it holds neither `{{id}}` nor `{{slug}}`")]
    Constant,
    /// A path that is absolute, leaves the folder, or has an empty or hidden part.
    #[error("it is not a path of plain names within the versions folder")]
    Path,
}

impl FileNamePattern {
    /// What is used where nothing else is said.
    pub const DEFAULT: &'static str = "{date}_{time}_{id}_{slug}";

    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternDefect> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(brace) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(brace);
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let inner = from.strip_prefix('{').ok_or(PatternDefect::Brace)?;
            let (name, after) = inner.split_once('}').ok_or(PatternDefect::Brace)?;
            let placeholder = PLACEHOLDERS.iter().find(|(known, _)| *known == name);
            let Some((_, placeholder)) = placeholder else {
                return Err(PatternDefect::Unknown {
                    name: name.to_owned(),
                    nearest: nearest(name, PLACEHOLDERS.map(|(known, _)| known)),
                });
            };
            parts.push(Part::Placeholder(*placeholder));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        let varies = [Placeholder::Id, Placeholder::Slug];
        if !parts
            .iter()
            .any(|part| matches!(part, Part::Placeholder(p) if varies.contains(p)))
        {
            return Err(PatternDefect::Constant);
        }
        let plain = |name: &str| !name.is_empty() && !name.starts_with(['.', '#', '~']);
        if text.contains(['\\', '\0']) || !text.split('/').all(plain) {
            return Err(PatternDefect::Path);
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the id is part of the name.
    #[must_use]
    pub fn has_id(&self) -> bool {
        self.parts.contains(&Part::Placeholder(Placeholder::Id))
    }

    /// Whether files are put into subfolders, which needs `recursive`.
    #[must_use]
    pub fn has_folders(&self) -> bool {
        self.text.contains('/')
    }

    /// The path of a revision's files, relative to the versions folder and without `.up.sql`.
    /// Separators left dangling by an empty slug are dropped.
    #[must_use]
    pub fn render(
        &self,
        id: &RevisionId,
        slug: &str,
        created: DateTime<Utc>,
        zone: TimeZone,
    ) -> PathBuf {
        let mut name = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Placeholder(Placeholder::Id) => name.push_str(id.as_str()),
                Part::Placeholder(Placeholder::Slug) => name.push_str(slug),
                Part::Placeholder(Placeholder::Instant(format)) => {
                    let items: Vec<Item<'_>> = StrftimeItems::new(format).collect();
                    name.push_str(&zone.format(created, &items));
                }
            }
        }
        name.split('/')
            .map(|part| part.trim_matches(['_', '-', '.', ' ']))
            .map(|part| if part.is_empty() { id.as_str() } else { part })
            .collect()
    }
}

impl Default for FileNamePattern {
    fn default() -> Self {
        Self {
            text: Self::DEFAULT.to_owned(),
            parts: vec![
                Part::Placeholder(Placeholder::Instant("%Y%m%d")),
                Part::Text("_".to_owned()),
                Part::Placeholder(Placeholder::Instant("%H%M")),
                Part::Text("_".to_owned()),
                Part::Placeholder(Placeholder::Id),
                Part::Text("_".to_owned()),
                Part::Placeholder(Placeholder::Slug),
            ],
        }
    }
}

impl fmt::Display for FileNamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for FileNamePattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    fn at() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 22, 15, 30, 5).unwrap()
    }

    fn render(pattern: &str, slug: &str) -> String {
        let id = RevisionId::parse("8f3c2a1b9d04").unwrap();
        FileNamePattern::parse(pattern)
            .unwrap()
            .render(&id, slug, at(), TimeZone::Utc)
            .display()
            .to_string()
    }

    #[test]
    fn patterns() {
        assert_eq!(
            FileNamePattern::parse(FileNamePattern::DEFAULT),
            Ok(FileNamePattern::default())
        );
        assert_eq!(
            render(FileNamePattern::DEFAULT, "create_t"),
            "20261122_1530_8f3c2a1b9d04_create_t"
        );
        assert_eq!(
            render(FileNamePattern::DEFAULT, ""),
            "20261122_1530_8f3c2a1b9d04"
        );
        assert_eq!(render("{slug}", ""), "8f3c2a1b9d04");
        assert_eq!(
            render("{year}/{month}-{day}/{hour}{minute}{second}.{slug}", "x"),
            "2026/11-22/153005.x"
        );
        assert_eq!(
            render("V{epoch}__{slug}-{id}", "x"),
            "V1795361405__x-8f3c2a1b9d04"
        );
    }

    #[test]
    fn broken_patterns() {
        let unknown = |name: &str, nearest| PatternDefect::Unknown {
            name: name.into(),
            nearest,
        };
        for (text, defect) in [
            ("{id", PatternDefect::Brace),
            ("id}", PatternDefect::Brace),
            ("{rev}_{slug}", unknown("rev", None)),
            ("{id}_{slgu}", unknown("slgu", Some("slug"))),
            ("", PatternDefect::Constant),
            ("{date}", PatternDefect::Constant),
            ("/x/{id}", PatternDefect::Path),
            ("../{id}", PatternDefect::Path),
            ("a//{id}", PatternDefect::Path),
            (".{id}", PatternDefect::Path),
            ("a\\{id}", PatternDefect::Path),
        ] {
            assert_eq!(FileNamePattern::parse(text), Err(defect), "{text}");
        }
        assert_eq!(
            unknown("slgu", Some("slug")).to_string(),
            "`{slgu}` is not a placeholder, `{slug}` is"
        );
    }

    #[test]
    fn slugs() {
        for (message, length, expected) in [
            ("create the GRACE schema", 40, "create_the_grace_schema"),
            ("add  user's (e-mail)!", 40, "add_user_s_e_mail"),
            ("../../etc/passwd", 40, "etc_passwd"),
            ("Größe ändern", 40, "größe_ändern"),
            ("one two three", 8, "one_two"),
            ("abcdefghij", 4, "abcd"),
            ("—!?", 40, ""),
        ] {
            assert_eq!(slug(message, length), expected, "{message}");
        }
    }

    #[test]
    fn ids() {
        assert_eq!(
            IdKind::Time.make(at(), |_| false).as_str(),
            format!("{:012x}", at().timestamp_millis())
        );
        let first = IdKind::Time.make(at(), |_| false);
        let second = IdKind::Time.make(at(), |id| id == first.as_str());
        assert!(second > first);
        let random = IdKind::Random.make(at(), |_| false);
        assert_eq!(random.as_str().len(), 12);
        assert_ne!(random, IdKind::Random.make(at(), |_| false));
    }
}
