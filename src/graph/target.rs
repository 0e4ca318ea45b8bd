//! The target grammar: what a person types to name a place in the graph.
//!
//! ```text
//! range  = [target] ":" [target]
//! target = [name "@"] point
//! point  = place | place steps | steps
//! place  = "head" | "heads" | "base" | "current" | name
//! steps  = ("+" | "-") number
//! name   = an id, a label, or the beginning of one
//! ```
//!
//! Labels may hold dashes and digits, so `my-2` may be the label `my-2` or two steps before `my`.
//! Only the names of a graph can tell: it is the label if there is one of exactly that name.

use std::fmt;
use std::str::FromStr;

use crate::revision::RevisionId;
use crate::sql::Span;

/// A place in the graph, as it was typed. [`Graph`](super::Graph) says which revisions it means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    text: String,
    branch: Option<String>,
    point: Point,
    steps: i64,
}

/// Where a target starts from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// Nothing is named: `+1`, `-1`, `label@+1`.
    Here,
    /// `head`: the one head.
    Head,
    /// `heads`: all of them.
    Heads,
    /// `base`: before everything.
    Base,
    /// `current`: what the version table holds.
    Current,
    /// An id, a label, or the beginning of one.
    Name(String),
}

impl Target {
    /// Reads a target. Whether its names exist is for the graph to say.
    ///
    /// # Errors
    /// If the text cannot be a target of any graph.
    pub fn parse(text: &str) -> Result<Self, TargetDefect> {
        let defect = |start: usize, end: usize, kind| TargetDefect {
            text: text.to_owned(),
            span: Span::new(start, end),
            kind,
        };
        if text.is_empty() {
            return Err(defect(0, 0, TargetDefectKind::Empty));
        }
        let is_known = |c: char| c.is_ascii_alphanumeric() || "_.-+@".contains(c);
        if let Some((at, character)) = text.char_indices().find(|(_, c)| !is_known(*c)) {
            let kind = match character {
                ':' => TargetDefectKind::Range,
                _ => TargetDefectKind::Character { character },
            };
            return Err(defect(at, at + character.len_utf8(), kind));
        }
        let (branch, start) = match text.split_once('@') {
            Some((branch, _)) => (Some(branch), branch.len() + 1),
            None => (None, 0),
        };
        if let Some(branch) = branch {
            let kind = match branch {
                "" => Some(TargetDefectKind::NoBranch),
                "head" | "heads" | "base" | "current" => Some(TargetDefectKind::BranchIsKeyword),
                _ if branch.contains('+') => Some(TargetDefectKind::BranchHasSteps),
                _ => None,
            };
            if let Some(kind) = kind {
                return Err(defect(0, branch.len(), kind));
            }
        }
        let rest = &text[start..];
        if let Some(at) = rest.find('@') {
            let at = start + at;
            return Err(defect(at, at + 1, TargetDefectKind::SecondBranch));
        }
        if rest.is_empty() {
            return Err(defect(start, start, TargetDefectKind::NoPoint));
        }
        let (place, steps) =
            split_steps(rest).map_err(|(at, kind)| defect(start + at, text.len(), kind))?;
        Ok(Self {
            text: text.to_owned(),
            branch: branch.map(str::to_owned),
            point: keyword(place).unwrap_or_else(|| match place {
                "" => Point::Here,
                name => Point::Name(name.to_owned()),
            }),
            steps,
        })
    }

    /// `head`.
    #[must_use]
    pub fn head() -> Self {
        Self::at(Point::Head, "head")
    }

    /// `heads`.
    #[must_use]
    pub fn heads() -> Self {
        Self::at(Point::Heads, "heads")
    }

    /// `base`.
    #[must_use]
    pub fn base() -> Self {
        Self::at(Point::Base, "base")
    }

    /// The revision `id`.
    #[must_use]
    pub fn revision(id: &RevisionId) -> Self {
        Self::at(Point::Name(id.as_str().to_owned()), id.as_str())
    }

    fn at(point: Point, text: &str) -> Self {
        Self {
            text: text.to_owned(),
            branch: None,
            point,
            steps: 0,
        }
    }

    /// The target as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The branch that it is narrowed to: what stands before `@`.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        self.branch.as_deref()
    }

    /// Where it starts from.
    #[must_use]
    pub fn point(&self) -> &Point {
        &self.point
    }

    /// How many steps it goes from there: upwards if positive, downwards if negative.
    #[must_use]
    pub fn steps(&self) -> i64 {
        self.steps
    }

    /// Whether its meaning depends on what is applied wherever it is used.
    #[must_use]
    pub fn names_current(&self) -> bool {
        self.point == Point::Current
    }

    /// What stands after `@`, where it could also be one label that ends in `-` and digits.
    pub(super) fn whole_name(&self) -> Option<&str> {
        let whole = match self.text.split_once('@') {
            Some((_, rest)) => rest,
            None => &self.text,
        };
        (self.steps < 0 && matches!(self.point, Point::Name(_))).then_some(whole)
    }
}

fn keyword(place: &str) -> Option<Point> {
    match place {
        "head" => Some(Point::Head),
        "heads" => Some(Point::Heads),
        "base" => Some(Point::Base),
        "current" => Some(Point::Current),
        _ => None,
    }
}

/// Takes the steps off the end. A defect comes with where it starts.
fn split_steps(text: &str) -> Result<(&str, i64), (usize, TargetDefectKind)> {
    let Some(at) = text.rfind(['+', '-']) else {
        return Ok((text, 0));
    };
    let (place, sign, digits) = (&text[..at], &text[at..=at], &text[at + 1..]);
    if let Some(plus) = place.find('+') {
        return Err((plus, TargetDefectKind::NoSteps));
    }
    let steps = match digits.parse::<u32>() {
        _ if digits.is_empty() || digits.contains(|c: char| !c.is_ascii_digit()) => {
            Err(TargetDefectKind::NoSteps)
        }
        Ok(0) => Err(TargetDefectKind::ZeroSteps),
        Ok(steps) => Ok(i64::from(steps)),
        Err(_) => Err(TargetDefectKind::TooManySteps),
    };
    match (sign, steps) {
        _ if place.starts_with('-') => Err((0, TargetDefectKind::NoSteps)),
        ("+", Ok(steps)) => Ok((place, steps)),
        (_, Ok(steps)) => Ok((place, -steps)),
        // A dash may simply be part of a label.
        ("-", Err(TargetDefectKind::NoSteps)) if !place.is_empty() => Ok((text, 0)),
        ("-", Err(_)) if !place.is_empty() && keyword(place).is_none() => Ok((text, 0)),
        (_, Err(kind)) => Err((at, kind)),
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl FromStr for Target {
    type Err = TargetDefect;

    fn from_str(text: &str) -> Result<Self, TargetDefect> {
        Self::parse(text)
    }
}

/// Two places and what lies between them: `a:b`, `a:`, `:b`, `:`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetRange {
    /// The lower end; the bases where none is named.
    pub start: Option<Target>,
    /// The upper end; the heads where none is named.
    pub end: Option<Target>,
}

impl TargetRange {
    /// Reads a range: exactly one `:`, and a target or nothing at each side.
    ///
    /// # Errors
    /// If there is not exactly one `:`, or if a side is no target.
    pub fn parse(text: &str) -> Result<Self, TargetDefect> {
        let defect = |span, kind| TargetDefect {
            text: text.to_owned(),
            span,
            kind,
        };
        let Some((start, end)) = text.split_once(':') else {
            let span = Span::new(0, text.len());
            return Err(defect(span, TargetDefectKind::NoRange));
        };
        let after = start.len() + 1;
        if let Some(at) = end.find(':') {
            let span = Span::new(after + at, after + at + 1);
            return Err(defect(span, TargetDefectKind::SecondColon));
        }
        let side = |side: &str, offset: usize| match side {
            "" => Ok(None),
            side => Target::parse(side).map(Some).map_err(|found| {
                let span = Span::new(offset + found.span.start, offset + found.span.end);
                defect(span, found.kind)
            }),
        };
        Ok(Self {
            start: side(start, 0)?,
            end: side(end, after)?,
        })
    }
}

impl fmt::Display for TargetRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |side: &Option<Target>| side.as_ref().map_or("", Target::as_str).to_owned();
        f.pad(&format!("{}:{}", side(&self.start), side(&self.end)))
    }
}

impl FromStr for TargetRange {
    type Err = TargetDefect;

    fn from_str(text: &str) -> Result<Self, TargetDefect> {
        Self::parse(text)
    }
}

/// A text that is no target, whatever the graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no target: {kind}")]
pub struct TargetDefect {
    /// The whole text.
    pub text: String,
    /// The part that is wrong.
    pub span: Span,
    /// What is wrong with it.
    pub kind: TargetDefectKind,
}

/// Why a text is no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetDefectKind {
    /// Nothing at all.
    #[error("it is empty")]
    Empty,
    /// A character that is in no name and no operator.
    #[error("`{}` is not one of `A-Z a-z 0-9 _ . - + @`", character.escape_debug())]
    Character {
        /// The character.
        character: char,
    },
    /// A `:` where one place is wanted.
    #[error("`:` makes a range, and one place is wanted here")]
    Range,
    /// Nothing before `@`.
    #[error("no branch stands before `@`")]
    NoBranch,
    /// `head`, `heads`, `base` or `current` before `@`.
    #[error("a branch is named by a label or a revision")]
    BranchIsKeyword,
    /// Steps before `@`.
    #[error("steps come after `@`, as in `label@+1`")]
    BranchHasSteps,
    /// A second `@`.
    #[error("`@` stands once, between a branch and a place on it")]
    SecondBranch,
    /// Nothing after `@`.
    #[error("no place stands after `@`, such as `head`")]
    NoPoint,
    /// `+` or `-` without a number after it at the end.
    #[error("a number of steps ends it, as in `+1` or `head-2`")]
    NoSteps,
    /// No steps: `+0`.
    #[error("no steps lead nowhere")]
    ZeroSteps,
    /// More steps than a graph has revisions.
    #[error("no graph has so many revisions")]
    TooManySteps,
    /// No `:` where a range is wanted.
    #[error("a range has a `:`, as in `a:b`, `a:` or `:b`")]
    NoRange,
    /// A second `:`.
    #[error("a range has one `:`")]
    SecondColon,
}

impl TargetDefect {
    /// Kebab-case code, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "bad-target"
    }
}
