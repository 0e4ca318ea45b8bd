//! What would be run: `--dry-run`.

use super::plain;
use super::run::many_locks;
use super::style::{Role, Style};
use super::table::{Column, table};
use super::words::{comma, plural, revisions, rows};
use crate::migrator::report::{
    Obstacle, Operation, PlanReport, PlanStep, ScriptTransaction, TransactionScope,
};

/// `--dry-run`: the steps as a table, what stands in their way, and where they lead.
#[must_use]
pub fn plan(report: &PlanReport, style: &Style) -> String {
    let mut out = String::new();
    if !report.steps.is_empty() {
        out.push_str(&steps(report, style));
        out.push('\n');
    }
    for step in &report.steps {
        if let Some(obstacle) = &step.obstacle {
            out.push_str(&format!(
                "{} {} cannot be undone: {}\n",
                style.paint(Role::Warning, "warning:"),
                step.revision,
                plain::line(&reason(obstacle))
            ));
        }
    }
    if !report.to_adopt.is_empty() {
        out.push_str(&format!(
            "{} applied by another tool would be adopted first: {}\n",
            revisions(report.to_adopt.len()),
            comma(&report.to_adopt)
        ));
    }
    out.extend(
        report
            .many_locks
            .map(|estimate| many_locks(estimate, style)),
    );
    let database = plain::line(&report.destination.database);
    let from = rows(&report.from, style);
    if report.from == report.to && report.steps.is_empty() {
        out.push_str(&format!(
            "nothing to do: the database `{database}` stands at {from}\n"
        ));
        return out;
    }
    let to = rows(&report.to, style);
    let what = match report.operation {
        Operation::Upgrade => format!(
            "upgrade of `{database}` from {from} to {to} in {}",
            plural(report.steps.len(), "step", "steps")
        ),
        Operation::Downgrade => format!(
            "downgrade of `{database}` from {from} to {to} in {}",
            plural(report.steps.len(), "step", "steps")
        ),
        Operation::Stamp => format!("stamp of `{database}` from {from} to {to}, without a script"),
    };
    let scope = match report.transaction {
        TransactionScope::All if report.steps.len() > 1 => ", all in one transaction",
        TransactionScope::All | TransactionScope::Revision => "",
    };
    out.push_str(&format!("{what}{scope}; nothing was run\n"));
    out
}

/// The steps, with their scripts where these fit or are asked for.
fn steps(report: &PlanReport, style: &Style) -> String {
    let unbounded = Style {
        width: None,
        ..*style
    };
    let whole = steps_table(report, true, &unbounded);
    let fits = style.width.is_none_or(|width| {
        let widest = whole.lines().map(plain::visible_width).max();
        widest.unwrap_or(0) <= usize::from(width)
    });
    if fits {
        whole
    } else {
        steps_table(report, style.verbose, style)
    }
}

fn steps_table(report: &PlanReport, scripts: bool, style: &Style) -> String {
    let noted = report.steps.iter().any(|step| !notes(step).is_empty());
    let mut columns = vec![
        Column::Number("#"),
        Column::Whole("Revision"),
        Column::Text("Message"),
        Column::Text("Then at"),
    ];
    if noted {
        columns.push(Column::Text("Note"));
    }
    if scripts {
        columns.push(Column::Text("Script"));
    }
    let rows = report.steps.iter().enumerate().map(|(index, step)| {
        let mut row = vec![
            (index + 1).to_string(),
            step.revision.to_string(),
            step.message.clone().unwrap_or_default(),
            rows(&step.rows_after, &Style::default()),
        ];
        if noted {
            row.push(notes(step));
        }
        if scripts {
            let path = step.path.as_ref();
            row.push(
                path.map(|path| path.display().to_string())
                    .unwrap_or_default(),
            );
        }
        row
    });
    table(&columns, rows, style)
}

fn notes(step: &PlanStep) -> String {
    let obstacle = step.obstacle.as_ref().map(|obstacle| match obstacle {
        Obstacle::Irreversible { .. } => "irreversible",
        Obstacle::NoDownScript => "no down script",
        Obstacle::FileGone => "file gone",
    });
    let off = (step.transaction == ScriptTransaction::Off).then_some("no transaction");
    let verified = step.has_verify.then_some("verified");
    comma([obstacle, off, verified].into_iter().flatten())
}

fn reason(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::Irreversible { reason } => reason.clone(),
        Obstacle::NoDownScript => "it has no down script".to_owned(),
        Obstacle::FileGone => "its files are gone".to_owned(),
    }
}
