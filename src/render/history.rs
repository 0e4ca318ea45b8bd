//! Revisions in Alembic's own line forms: `history`, `heads`, `branches`, `show`.

use super::plain;
use super::style::{Role, Style};
use super::words::{comma, duration, instant, plural};
use crate::migrator::report::{
    Branches, Heads, History, RevisionDetail, RevisionView, ScriptTransaction, Show,
};

/// What a revision's line holds beside its id.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Parts {
    /// `parents (dependencies) -> ` before it.
    pub(super) parents: bool,
    /// Its labels.
    pub(super) labels: bool,
    /// `(branchpoint)` and `(mergepoint)`.
    pub(super) tree: bool,
    /// `, message` after it.
    pub(super) message: bool,
}

/// `history`: one line a revision, or a block each where the style is verbose.
#[must_use]
pub fn history(report: &History, style: &Style) -> String {
    let parts = Parts {
        parents: true,
        labels: true,
        tree: true,
        message: true,
    };
    list(&report.revisions, parts, style)
}

/// What is said of a project that has no revisions, whatever was asked of them.
#[must_use]
pub fn no_revisions(style: &Style) -> String {
    let hint = style.paint(Role::Hint, "hint");
    format!(
        "there are no revisions yet\n\
         {hint}: write the first one: `grace-migrate revision -m \"<message>\"`\n"
    )
}

/// How many more there are, where `-n` cut the list off; nothing where it did not.
#[must_use]
pub fn left_off(report: &History) -> String {
    match report.left_off {
        0 => String::new(),
        more => format!("and {more} more: a larger `-n` shows them\n"),
    }
}

/// What is said of a target that names no revision, as `base` does.
#[must_use]
pub fn no_revision_of(target: &str) -> String {
    format!("`{}` names no revision\n", plain::line(target))
}

/// `heads`: one line a head, or a block each where the style is verbose.
#[must_use]
pub fn heads(report: &Heads, style: &Style) -> String {
    let parts = Parts {
        labels: true,
        ..Parts::default()
    };
    list(&report.heads, parts, style)
}

/// `branches`: each branch point, and under it the lines of its children.
#[must_use]
pub fn branches(report: &Branches, style: &Style) -> String {
    let parts = Parts {
        labels: true,
        tree: true,
        ..Parts::default()
    };
    let mut out = String::new();
    for point in &report.branch_points {
        if style.verbose {
            out.push_str(&block(&point.view, style));
            out.push('\n');
        } else {
            out.push_str(&line(&point.view, parts, style));
            out.push('\n');
        }
        let indent = plain::width(point.view.revision.as_str());
        for child in &point.branches {
            let parts = Parts {
                message: style.verbose,
                ..parts
            };
            out.push_str(&format!(
                "{:indent$} -> {}\n",
                "",
                line(child, parts, style)
            ));
        }
        out.push('\n');
    }
    out
}

/// `show`: a block for each revision, with its scripts and its last record.
#[must_use]
pub fn show(report: &Show, style: &Style) -> String {
    blocks(
        report
            .revisions
            .iter()
            .map(|detail| show_block(detail, style)),
    )
}

fn list(views: &[RevisionView], parts: Parts, style: &Style) -> String {
    if style.verbose {
        return blocks(views.iter().map(|view| block(view, style)));
    }
    let mut out = String::new();
    for view in views {
        out.push_str(&line(view, parts, style));
        out.push('\n');
    }
    out
}

/// Blocks with an empty line between them.
pub(super) fn blocks(blocks: impl IntoIterator<Item = String>) -> String {
    blocks.into_iter().collect::<Vec<_>>().join("\n")
}

/// One line, without its end:
/// `parents (dependencies) -> id (labels) (head) (current) (branchpoint) (mergepoint), message`.
pub(super) fn line(view: &RevisionView, parts: Parts, style: &Style) -> String {
    let mut out = String::new();
    if parts.parents {
        out.push_str(&parents(view));
        if !view.depends_on.is_empty() {
            out.push_str(&format!(" ({})", plain::line(&comma(&view.depends_on))));
        }
        out.push_str(" -> ");
    }
    out.push_str(&style.paint(Role::Id, view.revision.as_str()));
    if parts.labels && !view.labels.is_empty() {
        out.push_str(&style.paint(Role::Label, &format!(" ({})", comma(&view.labels))));
    }
    out.push_str(&marks(view, parts.tree, style));
    if let Some(message) = view.message.as_deref().filter(|_| parts.message) {
        out.push_str(", ");
        out.push_str(&plain::line(message));
    }
    out
}

/// ` (head)`, ` (effective head)`, ` (current)`, ` (branchpoint)`, ` (mergepoint)`.
pub(super) fn marks(view: &RevisionView, tree: bool, style: &Style) -> String {
    let current = view.is_current == Some(true);
    [
        (
            view.is_head && !view.is_effective_head,
            " (head)",
            Role::Mark,
        ),
        (view.is_effective_head, " (effective head)", Role::Mark),
        (current, " (current)", Role::Current),
        (tree && view.is_branch_point, " (branchpoint)", Role::Mark),
        (tree && view.is_merge_point, " (mergepoint)", Role::Mark),
    ]
    .into_iter()
    .filter(|(is, ..)| *is)
    .map(|(_, mark, role)| style.paint(role, mark))
    .collect()
}

fn parents(view: &RevisionView) -> String {
    if view.revises.is_empty() {
        "<base>".to_owned()
    } else {
        comma(&view.revises)
    }
}

/// Alembic's verbose block, and beneath it what Alembic does not know.
pub(super) fn block(view: &RevisionView, style: &Style) -> String {
    block_with(view, "", style)
}

/// The same, with `facts`, whole lines, above the message.
pub(super) fn block_with(view: &RevisionView, facts: &str, style: &Style) -> String {
    let mut out = head_of_block(view, style);
    push_settings(&mut out, view);
    out.push_str(facts);
    if let Some(message) = &view.message {
        out.push('\n');
        for line in plain::block(message).lines() {
            out.push_str(&format!("    {line}\n"));
        }
    }
    out
}

fn head_of_block(view: &RevisionView, style: &Style) -> String {
    let mut out = format!(
        "Rev: {}{}\n",
        style.paint(Role::Id, view.revision.as_str()),
        marks(view, true, style)
    );
    let mut push = |key: &str, value: String| {
        if !value.is_empty() {
            out.push_str(&format!("{key}: {}\n", plain::line(&value)));
        }
    };
    let key = if view.is_merge_point {
        "Merges"
    } else {
        "Parent"
    };
    push(key, parents(view));
    push("Also depends on", comma(&view.depends_on));
    if view.is_branch_point {
        push("Branches into", comma(&view.children));
    }
    push("Branch names", comma(&view.labels));
    push("Path", view.path.display().to_string());
    out
}

fn push_settings(out: &mut String, view: &RevisionView) {
    if let Some(created) = view.created {
        out.push_str(&format!("Created: {}\n", instant(created)));
    }
    if view.transaction == ScriptTransaction::Off {
        out.push_str("Transaction: off\n");
    }
    match (&view.irreversible, view.has_down) {
        (Some(reason), _) => out.push_str(&format!("Irreversible: {}\n", plain::line(reason))),
        (None, false) => out.push_str("Down script: none\n"),
        (None, true) => {}
    }
    if view.has_verify {
        out.push_str("Verified: after its up script\n");
    }
}

fn show_block(detail: &RevisionDetail, style: &Style) -> String {
    let mut out = detail.digest.as_deref().map_or_else(String::new, digest);
    if let Some(applied) = detail.view.applied {
        out.push_str(if applied {
            "Applied: yes\n"
        } else {
            "Applied: no\n"
        });
    }
    if let Some(record) = &detail.last_record {
        let took = record
            .duration_ms
            .map_or_else(String::new, |ms| format!(" in {}", duration(ms)));
        out.push_str(&format!(
            "Last record: {} {} by {}{took}\n",
            plain::line(&record.outcome),
            instant(record.at),
            plain::line(&record.who),
        ));
    }
    for script in &detail.scripts {
        let mut notes = vec![plural(script.statements, "statement", "statements")];
        if script.transaction == ScriptTransaction::Off {
            notes.push("no transaction".to_owned());
        }
        if let Some(ms) = script.lock_timeout_ms {
            notes.push(format!("lock timeout {}", duration(ms)));
        }
        if let Some(ms) = script.statement_timeout_ms {
            notes.push(format!("statement timeout {}", duration(ms)));
        }
        let shown = script.path.display().to_string();
        out.push_str(&format!(
            "Script: {} ({}), checksum {}\n",
            plain::line(&shown),
            notes.join(", "),
            plain::line(plain::prefix(&script.checksum, 12)),
        ));
    }
    block_with(&detail.view, &out, style)
}

/// The line of a block that names the whole history beneath a revision.
fn digest(digest: &str) -> String {
    format!("Digest: {}\n", plain::line(digest))
}
