//! The words of a history that does not agree with the files.

use super::words::{NOTHING, listed};
use crate::diagnostic::{Diagnostic, Place};
use crate::migrator::report::{DisagreementReport, ScriptFate, ScriptKind};
use crate::render::words::revisions as count;
use crate::render::{Description, Exit, unified};

/// How many revisions a sentence names.
const NAMED: usize = 6;

/// Says what does not agree, and what helps first.
pub(in crate::render) fn finding(one: &DisagreementReport) -> Diagnostic {
    Diagnostic {
        severity: one.severity(),
        place: place(one),
        help: helps(one).into_iter().next(),
        ..Diagnostic::error(one.code(), message(one))
    }
}

fn message(one: &DisagreementReport) -> String {
    match one {
        DisagreementReport::Edited { revision, .. } => {
            format!("the up script of `{revision}` was edited after it was applied")
        }
        DisagreementReport::UnknownRow { row, message, .. } => {
            let message = message.as_ref();
            let message = message.map_or_else(String::new, |message| format!(" ({message})"));
            format!("the version table holds `{row}`{message}, which no revision file knows")
        }
        DisagreementReport::Hole {
            revision, above, ..
        } => format!("`{revision}` was never run, though `{above}` above it is applied"),
        DisagreementReport::Vanished {
            has_version_table,
            revisions,
            ..
        } => format!(
            "{}, though the history says that {} applied",
            if *has_version_table {
                "the version table is empty"
            } else {
                "there is no version table"
            },
            is_or_are(*revisions)
        ),
        DisagreementReport::MissingFile {
            revision, named_by, ..
        } => format!("the files of `{revision}` are gone, and `{named_by}` stands on it"),
        DisagreementReport::Unrecorded { revisions } => format!(
            "the history does not know {}, which the version table says {} applied",
            some(revisions),
            if revisions.len() == 1 { "is" } else { "are" }
        ),
        DisagreementReport::Reapplied { revisions } => format!(
            "the version table says that {} applied, and the history that {} undone",
            those(revisions, "is", "are"),
            if revisions.len() == 1 {
                "it was"
            } else {
                "they were"
            }
        ),
        DisagreementReport::Undone { revisions, .. } => format!(
            "the history says that {} applied, and the version table that {} not",
            those(revisions, "is", "are"),
            if revisions.len() == 1 {
                "it is"
            } else {
                "they are"
            }
        ),
        DisagreementReport::Gone { revisions } => format!(
            "the history says that {} applied, and neither a file nor a version row knows {}",
            those(revisions, "is", "are"),
            if revisions.len() == 1 { "it" } else { "them" }
        ),
        DisagreementReport::OverlappingRow { row, implied_by } => {
            format!("the version table holds `{row}`, which its row `{implied_by}` implies")
        }
        DisagreementReport::RepeatedRow { row } => {
            format!("the version table holds `{row}` more than once: it has lost its primary key")
        }
        DisagreementReport::EditedScript {
            revision,
            kind,
            fate,
            ..
        } => format!(
            "the {} script of `{revision}` was {} after it was applied",
            kind.as_str(),
            match fate {
                ScriptFate::Edited => "edited",
                ScriptFate::Added => "added",
                ScriptFate::Removed => "removed",
            }
        ),
        DisagreementReport::Moved {
            revision,
            recorded,
            now,
            ..
        } => format!(
            "`{revision}` stands on {} now, and stood on {} when it was applied",
            base_or(now),
            base_or(recorded)
        ),
    }
}

fn place(one: &DisagreementReport) -> Option<Place> {
    match one {
        DisagreementReport::Edited { path, .. }
        | DisagreementReport::Hole { path, .. }
        | DisagreementReport::MissingFile { path, .. }
        | DisagreementReport::EditedScript { path, .. }
        | DisagreementReport::Moved { path, .. } => Some(Place::file(path)),
        DisagreementReport::UnknownRow { .. }
        | DisagreementReport::Vanished { .. }
        | DisagreementReport::Unrecorded { .. }
        | DisagreementReport::Reapplied { .. }
        | DisagreementReport::Undone { .. }
        | DisagreementReport::Gone { .. }
        | DisagreementReport::OverlappingRow { .. }
        | DisagreementReport::RepeatedRow { .. } => None,
    }
}

/// What helps, one way after the other.
pub(in crate::render) fn helps(one: &DisagreementReport) -> Vec<String> {
    match one {
        DisagreementReport::Edited { revision, .. } => vec![
            "restore the script, and put the change into a new revision: \
             `grace-migrate revision -m \"<message>\"`"
                .to_owned(),
            format!(
                "or, if the database has the change already: \
                 `grace-migrate stamp --accept-edit {revision}`"
            ),
        ],
        DisagreementReport::UnknownRow { down_script, .. } => {
            let restore = "restore its file: it may be on another branch of your repository";
            let undo = if *down_script {
                "or undo it by the script that the history kept: \
                 `grace-migrate downgrade -1 --from-history`"
            } else {
                "or say what is applied: `grace-migrate stamp --purge <target>`"
            };
            vec![
                restore.to_owned(),
                undo.to_owned(),
                "or forget it, and stay at what it stood on: \
                 `grace-migrate repair --remove-unknown`"
                    .to_owned(),
            ]
        }
        DisagreementReport::Hole { revision, .. } => vec![
            format!(
                "let it come after what is applied: change `-- revises:` of `{revision}` to a head"
            ),
            "or run it by hand and say so: `grace-migrate stamp current`".to_owned(),
        ],
        DisagreementReport::Vanished { rows, .. } => vec![
            "if the schema is there still, restore the rows: `grace-migrate repair`".to_owned(),
            format!(
                "or say where it stands: `grace-migrate stamp {}`",
                rows.join(" ")
            ),
            "if it was dropped with them, say so: `grace-migrate stamp base`".to_owned(),
        ],
        DisagreementReport::MissingFile { revision, .. } => vec![
            "restore them: they may be on another branch of your repository".to_owned(),
            format!(
                "or go back beneath `{revision}` by the script that the history kept: \
                 `grace-migrate downgrade <target> --from-history`"
            ),
        ],
        DisagreementReport::Unrecorded { .. } | DisagreementReport::Reapplied { .. } => vec![
            "another tool applied them: take them over as they are: `grace-migrate repair` \
             (the next run does it too)"
                .to_owned(),
        ],
        DisagreementReport::Undone { tips, .. } => vec![
            format!(
                "if what they made is there: `grace-migrate stamp {}`",
                joined(tips)
            ),
            "if it is not: `grace-migrate stamp current`".to_owned(),
        ],
        DisagreementReport::Gone { .. } => vec![
            "restore the files".to_owned(),
            "or forget them: `grace-migrate repair --remove-unknown`".to_owned(),
        ],
        DisagreementReport::OverlappingRow { .. } => {
            vec!["take it out: `grace-migrate repair`".to_owned()]
        }
        DisagreementReport::RepeatedRow { .. } => {
            vec!["leave one: `grace-migrate repair`".to_owned()]
        }
        DisagreementReport::EditedScript {
            revision,
            kind: ScriptKind::Down,
            fate,
            ..
        } => vec![format!(
            "{}; if that is right: `grace-migrate stamp --accept-edit {revision}`",
            match fate {
                ScriptFate::Edited => "a downgrade runs the text of the file",
                ScriptFate::Added => "a downgrade runs it",
                ScriptFate::Removed => "there is no way back any more",
            }
        )],
        DisagreementReport::EditedScript { revision, .. }
        | DisagreementReport::Moved { revision, .. } => vec![format!(
            "if that is right: `grace-migrate stamp --accept-edit {revision}`"
        )],
    }
}

/// `1 revision is`, `2 revisions are`.
fn is_or_are(number: usize) -> String {
    let verb = if number == 1 { "is" } else { "are" };
    format!("{} {verb}", count(number))
}

/// Their names, each in backticks; of many the first, and how many more there are.
fn some<T: ToString>(revisions: &[T]) -> String {
    match revisions.len().checked_sub(NAMED) {
        None | Some(0) => listed(revisions),
        Some(more) => format!("{} and {more} more", listed(&revisions[..NAMED])),
    }
}

/// Their names with the verb that goes with them.
fn those<T: ToString>(revisions: &[T], one: &str, many: &str) -> String {
    let verb = if revisions.len() == 1 { one } else { many };
    format!("{} {verb}", some(revisions))
}

fn joined<T: ToString>(words: &[T]) -> String {
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    words.join(" ")
}

fn base_or(revisions: &[String]) -> String {
    if revisions.is_empty() {
        "nothing".to_owned()
    } else {
        listed(revisions)
    }
}

/// Says why nothing runs.
pub(super) fn describe(code: &'static str, all: &[DisagreementReport]) -> Description {
    let mut described = match all {
        [one] => {
            let finding = finding(one);
            Description::new(code, Exit::Refused, finding.message).at(finding.place)
        }
        many => Description::new(
            code,
            Exit::Refused,
            format!(
                "the history and the files disagree in {} places",
                many.len()
            ),
        )
        .findings(many.iter().map(|one| Diagnostic {
            help: None,
            ..finding(one)
        })),
    };
    let diffs: String = all.iter().filter_map(difference).collect();
    if !diffs.is_empty() {
        described = described.attachment(diffs);
    }
    // The ways out are the same for all of a kind; of several kinds, each says its first.
    let mut kinds: Vec<&DisagreementReport> = Vec::new();
    for one in all {
        if kinds.iter().all(|other| other.code() != one.code()) {
            kinds.push(one);
        }
    }
    let each = if kinds.len() == 1 { usize::MAX } else { 1 };
    let hints = kinds
        .into_iter()
        .flat_map(|one| helps(one).into_iter().take(each));
    hints.fold(described, Description::hint).outcome(NOTHING)
}

/// What a script said, as far as the history kept it, against what it says.
pub(in crate::render) fn difference(one: &DisagreementReport) -> Option<String> {
    let (recorded_name, path, recorded, file) = match one {
        DisagreementReport::Edited {
            revision,
            path,
            applied: Some(applied),
            file,
            ..
        } => (format!("{revision} as applied"), path, applied, file),
        DisagreementReport::EditedScript {
            revision,
            path,
            recorded: Some(recorded),
            file: Some(file),
            ..
        } => (
            format!("{revision} down, as it was then"),
            path,
            recorded,
            file,
        ),
        _ => return None,
    };
    Some(unified(
        &recorded_name,
        &path.display().to_string(),
        recorded,
        file,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum::Checksum;
    use crate::render::describe::words::shown;
    use crate::render::{Style, diagnostic};
    use crate::revision::RevisionId;

    fn all() -> Vec<DisagreementReport> {
        let id = |id| RevisionId::parse(id).unwrap();
        let unknown =
            |row: &str, message: Option<&str>, down_script| DisagreementReport::UnknownRow {
                row: row.to_owned(),
                message: message.map(str::to_owned),
                down_script,
            };
        let ids = |text: &'static str| text.split(' ').map(id).collect();
        let script = |kind, fate, recorded: Option<&str>| DisagreementReport::EditedScript {
            revision: id("a1"),
            kind,
            fate,
            path: "versions/a1.down.sql".into(),
            recorded: recorded.map(str::to_owned),
            file: Some("select 2;\n".to_owned()),
        };
        let vanished = |has_version_table, rows: &[&str], revisions| DisagreementReport::Vanished {
            has_version_table,
            rows: rows.iter().map(|&row| row.to_owned()).collect(),
            revisions,
        };
        vec![
            DisagreementReport::Edited {
                revision: id("a1"),
                path: "versions/a1.up.sql".into(),
                recorded_checksum: Checksum::of_script("select 1;", &[]),
                checksum: Checksum::of_script("select 2;", &[]),
                applied: Some("select 1;\n".to_owned()),
                file: "select 2;\n".to_owned(),
            },
            unknown("8f3c", None, false),
            unknown("8f3d", Some("add notes"), true),
            DisagreementReport::Hole {
                revision: id("b2"),
                path: "versions/b2.up.sql".into(),
                above: id("c3"),
            },
            vanished(false, &["c3"], 1),
            vanished(true, &["c3", "d4"], 12),
            DisagreementReport::MissingFile {
                revision: id("b2"),
                named_by: id("c3"),
                path: "versions/c3.up.sql".into(),
            },
            DisagreementReport::Unrecorded {
                revisions: ids("a1 b2 c3 d4 e5 f6 g7 h8"),
            },
            DisagreementReport::Reapplied {
                revisions: ids("a1"),
            },
            DisagreementReport::Undone {
                revisions: ids("c3 d4 e5"),
                tips: ids("d4 e5"),
            },
            DisagreementReport::Gone {
                revisions: vec!["old".to_owned()],
            },
            DisagreementReport::OverlappingRow {
                row: "a1".to_owned(),
                implied_by: id("c3"),
            },
            DisagreementReport::RepeatedRow {
                row: "a1".to_owned(),
            },
            script(ScriptKind::Down, ScriptFate::Edited, Some("select 1;\n")),
            script(ScriptKind::Down, ScriptFate::Added, None),
            script(ScriptKind::Down, ScriptFate::Removed, Some("select 1;\n")),
            script(ScriptKind::Verify, ScriptFate::Edited, None),
            DisagreementReport::Moved {
                revision: id("c3"),
                path: "versions/c3.up.sql".into(),
                recorded: Vec::new(),
                now: vec!["a1".to_owned(), "b2".to_owned()],
            },
        ]
    }

    #[test]
    fn findings() {
        let style = Style::default();
        let shown: String = all()
            .iter()
            .map(|one| diagnostic(&finding(one), &style))
            .collect();
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn why_nothing_runs() {
        let all = all();
        let blocking = all.iter().filter(|one| one.blocks());
        let mut said: Vec<String> = blocking
            .clone()
            .map(|one| shown(&describe("history-disagrees", std::slice::from_ref(one))))
            .collect();
        said.push(shown(&describe(
            "history-disagrees",
            &blocking.cloned().collect::<Vec<_>>(),
        )));
        insta::assert_snapshot!(said.join("\n"));
    }
}
