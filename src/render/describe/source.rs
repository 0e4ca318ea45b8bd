//! The words of what goes wrong with revision files and templates.

use std::path::PathBuf;

use crate::render::words::plural;
use crate::render::{Description, Exit};
use crate::source::{SourceError, TemplateError};

use super::words::listed;

/// Says what went wrong: no database was touched in any of these cases.
pub(super) fn describe(error: &SourceError) -> Description {
    let said = |message: String| Description::new(error.code(), Exit::Refused, message);
    match error {
        SourceError::Lost { revisions, reasons } => reasons
            .iter()
            .fold(
                said(format!(
                    "the revisions {} of the history do not fit onto the files that are left",
                    listed(revisions)
                )),
                |described, reason| described.fact([reason.as_str()]),
            )
            .outcome("nothing was run")
            .hint("restore their files from version control"),
        SourceError::MissingFolder { path } => {
            said(format!("the folder `{}` does not exist", path.display()))
                .hint("make what a project needs: `grace-migrate init`")
                .hint("or mend `versions` in `grace-migrate.toml`")
        }
        SourceError::NotAFolder { path } => said(format!("`{}` is not a folder", path.display())),
        SourceError::UnreadableFolder { path, source } => said(format!(
            "the folder `{}` cannot be read: {source}",
            path.display()
        )),
        SourceError::Defects(defects) => {
            let described = said(format!(
                "the revision files have {}",
                plural(defects.len(), "defect", "defects")
            ))
            .findings(defects.iter().cloned())
            .outcome("nothing was run");
            if defects.iter().any(|defect| defect.code == "unknown-parent") {
                described.hint(
                    "to undo what was applied of files that are gone: `grace-migrate downgrade <target> --from-history`",
                )
            } else {
                described
            }
        }
        SourceError::Template(error) => template(error).outcome("nothing was written"),
        SourceError::NameTaken {
            name,
            revision,
            path,
        } => {
            let taken = said(format!("`{name}` is taken"));
            let path = path.display().to_string();
            if name == revision.as_str() {
                taken.fact(["revision", &path])
            } else {
                taken.fact([format!("label of {revision}"), path])
            }
            .outcome("nothing was written")
            .hint("ids and labels share one namespace: choose another")
        }
        SourceError::LabelIsId { label } => said(format!(
            "`{label}` is the new revision's id, and cannot be its label too"
        ))
        .outcome("nothing was written")
        .hint("ids and labels share one namespace: choose another"),
        SourceError::LabelTwice { label } => {
            said(format!("the label `{label}` is given twice")).outcome("nothing was written")
        }
        SourceError::UnknownRevision { name, candidates } => {
            let unknown = said(format!("there is no revision `{name}`"));
            match candidates.as_slice() {
                [] => unknown,
                candidates => unknown.fact(["nearest", &listed(candidates)]),
            }
            .outcome("nothing was written")
            .hint("see what there is: `grace-migrate history`")
        }
        SourceError::ForeignFolder { path, known } => said(format!(
            "`{}` is none of the project's folders of revisions",
            path.display()
        ))
        .fact(["folders", &folders(known)])
        .outcome("nothing was written"),
        SourceError::WhichFolder { known } => said(format!(
            "nothing says which of {} folders a new base belongs in",
            known.len()
        ))
        .fact(["folders", &folders(known)])
        .outcome("nothing was written")
        .hint("say which: `--version-path <folder>`"),
        SourceError::FileExists { path } => said(format!("`{}` exists", path.display()))
            .outcome("nothing was written, and nothing is ever overwritten"),
        SourceError::NotWritten { path, source } => said(format!(
            "`{}` could not be written: {source}",
            path.display()
        ))
        .outcome("nothing was written"),
    }
}

fn template(error: &TemplateError) -> Description {
    let said = |message: String| Description::new(error.code(), Exit::Refused, message);
    match error {
        TemplateError::Unknown {
            name,
            known,
            nearest,
            folder,
        } => {
            let unknown = said(format!("there is no template `{name}`"))
                .fact(["templates", &listed(known)])
                .fact(["the project's own", &folder.display().to_string()]);
            match nearest {
                Some(nearest) => unknown.hint(format!("did you mean `--template {nearest}`?")),
                None => unknown,
            }
        }
        TemplateError::Unreadable { path, source } => {
            said(format!("`{}` cannot be read: {source}", path.display()))
        }
        TemplateError::Broken { place, reason } => {
            said(format!("the template is broken: {reason}")).at(Some((**place).clone()))
        }
        TemplateError::VariableMissing { place, variable } => said(format!(
            "the template's variable `{variable}` was not given"
        ))
        .at(Some((**place).clone()))
        .hint(format!("give it: `--set {variable}=…`")),
        TemplateError::VariableUnused {
            variable,
            template,
            used,
            nearest,
        } => {
            let unused = said(format!(
                "the template `{template}` does not use the variable `{variable}`"
            ));
            match (nearest, used.as_slice()) {
                (Some(nearest), used) => unused
                    .fact(["it uses", &listed(used)])
                    .hint(format!("did you mean `--set {nearest}=…`?")),
                (None, []) => unused,
                (None, used) => unused.fact(["it uses", &listed(used)]),
            }
        }
        TemplateError::VariableGiven { variable } => said(format!(
            "the variable `{variable}` has its value from the revision and cannot be set"
        )),
        TemplateError::Header { path, reasons } => {
            let mut broken = said(format!(
                "the template `{}` breaks the revision's header",
                path.display()
            ));
            for reason in reasons {
                broken = broken.fact([reason]);
            }
            broken.hint("place it with `{{ header }}`, and write no other header lines than `transaction`, `lock-timeout` and `statement-timeout`")
        }
    }
}

fn folders(known: &[PathBuf]) -> String {
    let shown: Vec<String> = known
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    listed(&shown)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::diagnostic::{Diagnostic, Place};
    use crate::render::describe::words::shown;
    use crate::revision::{Label, RevisionId};
    use crate::sql::Span;

    fn all(errors: &[SourceError]) -> String {
        let all: Vec<String> = errors.iter().map(|error| shown(&describe(error))).collect();
        all.join("\n")
    }

    fn denied() -> io::Error {
        io::Error::from(io::ErrorKind::PermissionDenied)
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_error_of_the_folders() {
        let text = "-- revision: a1\n-- revise: b2\n";
        let path = "versions/a1.up.sql";
        let said = all(&[
            SourceError::MissingFolder {
                path: "versions".into(),
            },
            SourceError::NotAFolder {
                path: "versions".into(),
            },
            SourceError::UnreadableFolder {
                path: "versions".into(),
                source: denied(),
            },
            SourceError::Defects(vec![
                Diagnostic::error("header-unknown-key", "the header has no key `revise`")
                    .at(Place::in_text(path, text, Span::new(19, 25)))
                    .help("did you mean `revises`?"),
                Diagnostic::error("no-up-script", "a down script without an up script")
                    .at(Place::file("versions/b2.down.sql")),
            ]),
            SourceError::NameTaken {
                name: "a1".to_owned(),
                revision: RevisionId::parse("a1").unwrap(),
                path: path.into(),
            },
            SourceError::NameTaken {
                name: "billing".to_owned(),
                revision: RevisionId::parse("a1").unwrap(),
                path: path.into(),
            },
            SourceError::LabelIsId {
                label: Label::parse("ab").unwrap(),
            },
            SourceError::LabelTwice {
                label: Label::parse("ab").unwrap(),
            },
            SourceError::UnknownRevision {
                name: "biling".to_owned(),
                candidates: names(&["billing"]),
            },
            SourceError::UnknownRevision {
                name: "zz".to_owned(),
                candidates: Vec::new(),
            },
            SourceError::ForeignFolder {
                path: "else".into(),
                known: vec!["versions".into(), "more".into()],
            },
            SourceError::WhichFolder {
                known: vec!["versions".into(), "more".into()],
            },
            SourceError::FileExists { path: path.into() },
            SourceError::Lost {
                revisions: names(&["b2"]),
                reasons: names(&["`b2` revises `a9`, which no revision is"]),
            },
            SourceError::NotWritten {
                path: path.into(),
                source: denied(),
            },
        ]);
        insta::assert_snapshot!(said);
    }

    #[test]
    fn every_error_of_templates() {
        let text = "select {{ tabel }};\n";
        let path = "templates/rls/up.sql.jinja";
        let place = || Box::new(Place::in_text(path, text, Span::new(10, 15)));
        let unknown = |nearest: Option<&str>| TemplateError::Unknown {
            name: "rsl".to_owned(),
            known: names(&["plain", "rls"]),
            nearest: nearest.map(str::to_owned),
            folder: "templates".into(),
        };
        let unused = |used: &[&str], nearest: Option<&str>| TemplateError::VariableUnused {
            variable: "tabel".to_owned(),
            template: "rls".to_owned(),
            used: names(used),
            nearest: nearest.map(str::to_owned),
        };
        let said = all(&[
            unknown(Some("rls")).into(),
            unknown(None).into(),
            TemplateError::Unreadable {
                path: path.into(),
                source: denied(),
            }
            .into(),
            TemplateError::Broken {
                place: place(),
                reason: "unexpected `}`".to_owned(),
            }
            .into(),
            TemplateError::VariableMissing {
                place: place(),
                variable: "tabel".to_owned(),
            }
            .into(),
            unused(&["owner", "table"], Some("table")).into(),
            unused(&["owner"], None).into(),
            unused(&[], None).into(),
            TemplateError::VariableGiven {
                variable: "message".to_owned(),
            }
            .into(),
            TemplateError::Header {
                path: path.into(),
                reasons: names(&["the header has no key `note`"]),
            }
            .into(),
        ]);
        insta::assert_snapshot!(said);
    }
}
