//! The words of a history that does not agree with the files.

use crate::diagnostic::{Diagnostic, Place};
use crate::migrator::report::DisagreementReport;
use crate::render::{Description, Exit, unified};

use super::words::NOTHING;

/// Says what does not agree, and what helps first.
pub(in crate::render) fn finding(one: &DisagreementReport) -> Diagnostic {
    let (message, place) = match one {
        DisagreementReport::Edited { revision, path, .. } => (
            format!("the up script of `{revision}` was edited after it was applied"),
            Some(path),
        ),
        DisagreementReport::UnknownRow {
            row,
            message: Some(message),
            ..
        } => (
            format!("the version table holds `{row}` ({message}), which no revision file knows"),
            None,
        ),
        DisagreementReport::UnknownRow { row, .. } => (
            format!("the version table holds `{row}`, which no revision file knows"),
            None,
        ),
        DisagreementReport::Hole {
            revision,
            path,
            above,
        } => (
            format!("`{revision}` was never run, though `{above}` above it is applied"),
            Some(path),
        ),
    };
    let mut finding = Diagnostic::error(one.code(), message);
    finding.place = place.map(Place::file);
    finding.help = helps(one).into_iter().next();
    finding
}

/// What helps, one way after the other.
fn helps(one: &DisagreementReport) -> Vec<String> {
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
            vec![restore.to_owned(), undo.to_owned()]
        }
        DisagreementReport::Hole { revision, .. } => vec![
            format!(
                "let it come after what is applied: change `-- revises:` of `{revision}` to a head"
            ),
            "or run it by hand and say so: `grace-migrate stamp current`".to_owned(),
        ],
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

fn difference(one: &DisagreementReport) -> Option<String> {
    let DisagreementReport::Edited {
        revision,
        path,
        applied: Some(applied),
        file,
    } = one
    else {
        return None;
    };
    let applied_name = format!("{revision} as applied");
    Some(unified(
        &applied_name,
        &path.display().to_string(),
        applied,
        file,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::describe::words::shown;
    use crate::render::{Style, diagnostic};
    use crate::revision::RevisionId;

    fn all() -> [DisagreementReport; 4] {
        let id = |id| RevisionId::parse(id).unwrap();
        let unknown =
            |row: &str, message: Option<&str>, down_script| DisagreementReport::UnknownRow {
                row: row.to_owned(),
                message: message.map(str::to_owned),
                down_script,
            };
        [
            DisagreementReport::Edited {
                revision: id("a1"),
                path: "versions/a1.up.sql".into(),
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
        let mut said: Vec<String> = all
            .iter()
            .map(|one| shown(&describe("history-disagrees", std::slice::from_ref(one))))
            .collect();
        said.push(shown(&describe("history-disagrees", &all)));
        insta::assert_snapshot!(said.join("\n"));
    }
}
