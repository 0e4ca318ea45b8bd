//! What is wrong with headers and with the graph, told with file, line and caret.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Place};
use crate::graph::{Entry, GraphDefect, Site};
use crate::revision::{HeaderDefect, HeaderDefectKind, Key, ScriptKind};
use crate::sql::Span;

use super::Revision;

/// A header's defect in the file at `path`, whose content is `text`.
pub(super) fn header_diagnostic(defect: &HeaderDefect, path: &Path, text: &str) -> Diagnostic {
    let place = if matches!(defect.kind, HeaderDefectKind::NoRevision) {
        Place::file(path)
    } else {
        Place::in_text(path, text, defect.span)
    };
    let mut diagnostic = Diagnostic::error(defect.kind.code(), defect.kind.to_string()).at(place);
    if let HeaderDefectKind::DuplicateKey { first, .. } = defect.kind {
        diagnostic = diagnostic.related("first", Place::in_text(path, text, first));
    }
    match help(&defect.kind) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn help(kind: &HeaderDefectKind) -> Option<String> {
    Some(match kind {
        HeaderDefectKind::NoRevision => {
            "every up script begins with its header: `-- revision: <id>`".to_owned()
        }
        HeaderDefectKind::UnknownKey {
            nearest: Some(key), ..
        } => format!("did you mean `{key}`?"),
        HeaderDefectKind::UnknownKey { nearest: None, .. } => {
            "prose belongs in a paragraph of its own, below an empty line".to_owned()
        }
        HeaderDefectKind::MisplacedKey { .. } => {
            let keys: Vec<String> = ScriptKind::Down
                .keys()
                .iter()
                .map(|key| format!("`{key}`"))
                .collect();
            format!(
                "a down script may carry {}, a verify script none",
                keys.join(", ")
            )
        }
        HeaderDefectKind::Empty { key: Key::Revises } | HeaderDefectKind::BaseWithParents => {
            "a revision without parents says `revises: base`, or nothing".to_owned()
        }
        HeaderDefectKind::Instant { .. } => "write it as `2026-11-22T15:30:00Z`".to_owned(),
        HeaderDefectKind::Timeout { .. } => {
            "write it as `10s`, `500ms`, `1min`, or `0` for no limit".to_owned()
        }
        HeaderDefectKind::DuplicateKey { .. }
        | HeaderDefectKind::Empty { .. }
        | HeaderDefectKind::Name { .. }
        | HeaderDefectKind::Repeated { .. }
        | HeaderDefectKind::Transaction { .. } => return None,
    })
}

/// A defect of the graph that was built of these revisions, in their order.
pub(super) fn graph_diagnostic(defect: &GraphDefect, revisions: &[Revision]) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(defect.code(), defect.to_string());
    diagnostic.help = defect.help();
    let mut places = defect
        .sites()
        .into_iter()
        .map(|site| site_place(site, revisions));
    diagnostic.place = places.next();
    for place in places {
        diagnostic = diagnostic.related("also", place);
    }
    diagnostic
}

fn site_place(site: Site, revisions: &[Revision]) -> Place {
    let revision = &revisions[site.spec];
    let spans = &revision.spans;
    let nth =
        |list: &[Span], nth: usize, key| list.get(nth).or_else(|| spans.values.get(&key)).copied();
    let span = match site.entry {
        Entry::Id => spans.values.get(&Key::Revision).copied(),
        Entry::Parent(n) => nth(&spans.revises, n, Key::Revises),
        Entry::Dependency(n) => nth(&spans.depends_on, n, Key::DependsOn),
        Entry::Label(n) => nth(&spans.labels, n, Key::Label),
    };
    match span {
        Some(span) => Place::in_text(revision.path(), &revision.up().text, span),
        None => Place::file(revision.path()),
    }
}
