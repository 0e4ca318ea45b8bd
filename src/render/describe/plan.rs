//! The words of a history that does not agree with the files.

use crate::diagnostic::{Diagnostic, Severity};
use crate::plan::agreement::Disagreement;

/// Says what does not agree. The place, where there is a file, and the difference of an edit are
/// for whoever has the files.
pub(super) fn finding(disagreement: &Disagreement) -> Diagnostic {
    let (message, help) = match disagreement {
        Disagreement::UnknownRow {
            row,
            candidates,
            recorded,
        } => {
            let help = match (candidates.first(), recorded) {
                (_, true) => format!(
                    "bring back its file, or undo it with the down script that the history kept: \
                     `grace-migrate downgrade <target> --from-history` (see `grace-migrate log {row}`)"
                ),
                (Some(near), false) => format!(
                    "bring back its file; if `{near}` is meant: `grace-migrate stamp --purge {near}`"
                ),
                (None, false) => "bring back its file, or say what is applied: \
                                  `grace-migrate stamp --purge <revision>`"
                    .to_owned(),
            };
            (
                format!("the version table holds `{row}`, which no file is"),
                help,
            )
        }
        Disagreement::Edited { revision, .. } => (
            format!("revision `{revision}` was edited after it was applied"),
            format!(
                "take the edit back and put it into a new revision, or declare both the same: \
                 `grace-migrate stamp --accept-edit {revision}`"
            ),
        ),
        Disagreement::Hole {
            revision, beneath, ..
        } => (
            format!(
                "revision `{revision}` was put beneath `{beneath}`, which is applied, and was never run"
            ),
            format!("let it revise a head instead, so that an upgrade runs it after `{beneath}`"),
        ),
        Disagreement::Unrecorded { revision, .. } => (
            format!("revision `{revision}` was applied by another tool"),
            "the next upgrade takes it into the history as it is".to_owned(),
        ),
        Disagreement::Gone { revision } => (
            format!("revision `{revision}` was applied, and its file is gone"),
            format!("see what it was: `grace-migrate log {revision}`"),
        ),
        Disagreement::Undone { revision, .. } => (
            format!("revision `{revision}` was applied here and undone by another tool"),
            format!("an upgrade applies it again: `grace-migrate upgrade {revision}`"),
        ),
    };
    let mut finding = Diagnostic::error(disagreement.code(), message).help(help);
    if !disagreement.blocks() {
        finding.severity = Severity::Note;
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::NodeIx;
    use crate::render::{Style, diagnostic};
    use crate::revision::RevisionId;

    #[test]
    fn every_disagreement_has_its_words() {
        let node = NodeIx::new(0);
        let id = |id| RevisionId::parse(id).unwrap();
        let checksum = |digit: &str| digit.repeat(64).parse().unwrap();
        let unknown = |candidates: &[&str], recorded| Disagreement::UnknownRow {
            row: "8f3c".to_owned(),
            candidates: candidates.iter().map(|&c| c.to_owned()).collect(),
            recorded,
        };
        let all = [
            unknown(&[], false),
            unknown(&["8f3d"], false),
            unknown(&["8f3d"], true),
            Disagreement::Edited {
                node,
                revision: id("a"),
                recorded: checksum("0"),
                file: checksum("1"),
                text: None,
            },
            Disagreement::Hole {
                node,
                revision: id("a"),
                beneath: id("b"),
            },
            Disagreement::Unrecorded {
                node,
                revision: id("a"),
            },
            Disagreement::Gone {
                revision: "a".to_owned(),
            },
            Disagreement::Undone {
                node,
                revision: id("a"),
            },
        ];
        let shown = all
            .iter()
            .map(|one| diagnostic(&finding(one), &Style::default()));
        insta::assert_snapshot!(shown.collect::<String>(), @r"
            error[unknown-row]: the version table holds `8f3c`, which no file is
            help: bring back its file, or say what is applied: `grace-migrate stamp --purge <revision>`
            error[unknown-row]: the version table holds `8f3c`, which no file is
            help: bring back its file; if `8f3d` is meant: `grace-migrate stamp --purge 8f3d`
            error[unknown-row]: the version table holds `8f3c`, which no file is
            help: bring back its file, or undo it with the down script that the history kept: `grace-migrate downgrade <target> --from-history` (see `grace-migrate log 8f3c`)
            error[edited-revision]: revision `a` was edited after it was applied
            help: take the edit back and put it into a new revision, or declare both the same: `grace-migrate stamp --accept-edit a`
            error[hole]: revision `a` was put beneath `b`, which is applied, and was never run
            help: let it revise a head instead, so that an upgrade runs it after `b`
            note[unrecorded-revision]: revision `a` was applied by another tool
            help: the next upgrade takes it into the history as it is
            note[gone-revision]: revision `a` was applied, and its file is gone
            help: see what it was: `grace-migrate log a`
            note[undone-elsewhere]: revision `a` was applied here and undone by another tool
            help: an upgrade applies it again: `grace-migrate upgrade a`
            ");
    }
}
