//! The words of a step that the gate does not let pass.

use crate::migrator::{GateRefusal, MatrixError};
use crate::render::rls_lint::as_diagnostic;
use crate::render::rls_matrix::compared;
use crate::render::words::plural;
use crate::render::{Description, Exit, Style};

/// What the gate does not let pass.
pub(super) fn refused(
    code: &'static str,
    what: &impl Fn(&str) -> String,
    refusal: &GateRefusal,
) -> Description {
    let GateRefusal {
        findings,
        differences,
    } = refusal;
    let mistakes = match findings.len() {
        0 => None,
        1 => Some("finds 1 mistake that was not there before it".to_owned()),
        many => Some(format!(
            "finds {many} mistakes that were not there before it"
        )),
    };
    let changes = (!differences.is_empty()).then(|| {
        let count = plural(differences.len(), "difference", "differences");
        format!("sees {count} to the kept matrix")
    });
    let both: Vec<String> = mistakes.into_iter().chain(changes).collect();
    let mut said = Description::new(
        code,
        Exit::Failed,
        what(&format!("the RLS gate {}", both.join(", and "))),
    )
    .findings(findings.iter().map(as_diagnostic))
    .hint("mend the script; `grace-migrate upgrade --rehearse` shows whether it passes now");
    if !differences.is_empty() {
        said = said
            .attachment(compared(differences, &Style::default()))
            .hint(
                "or, where it is meant to be so: on a scratch database `grace-migrate upgrade \
                 --no-rls-gate` and `grace-migrate rls matrix --write`, and have the change reviewed",
            );
    }
    if !findings.is_empty() {
        said = said.hint(
            "or, where it is meant to be so, let it stand with a reason: `[[rls.allow]]` in \
             grace-migrate.toml",
        );
    }
    said
}

/// Why the gate could not try the matrix.
pub(super) fn broken(
    code: &'static str,
    what: &impl Fn(&str) -> String,
    error: &MatrixError,
) -> Description {
    let said = super::matrix::describe(error);
    Description {
        code,
        exit: Exit::Failed,
        message: what(&format!(
            "the RLS gate could not try the kept matrix: {}",
            said.message
        )),
        ..said
    }
}
