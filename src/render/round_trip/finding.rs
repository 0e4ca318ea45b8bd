use crate::db::ServerError;
use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::migrator::report::{
    Phase, RoundTrip, RoundTrips, RowsChange, SchemaDiff, TestCounts, TestReport, TestedRevision,
    TripEnd, TripOutcome,
};
use crate::migrator::{Error, StepCause};
use crate::render::Description;
use crate::render::describe::{describe, missing_role};
use crate::render::words::plural;

/// What became of each revision, in words.
#[must_use]
pub fn test_report(report: &RoundTrips) -> TestReport {
    TestReport {
        passed: report.passed(),
        range: report.range.clone(),
        changed_since: report.changed_since.clone(),
        counts: counts(report),
        server_version_num: report.server_version_num,
        jobs: report.jobs,
        revisions: report.trips.iter().map(tested).collect(),
        data: report.data.clone(),
        unmodelled: report.unmodelled.clone(),
        duration_ms: report.duration_ms,
    }
}

/// How many revisions came to what.
pub(super) fn counts(report: &RoundTrips) -> TestCounts {
    let mut counts = TestCounts {
        left_out: report.revisions - report.trips.len(),
        ..TestCounts::default()
    };
    for trip in &report.trips {
        *match trip.end.outcome() {
            TripOutcome::Ok => &mut counts.ok,
            TripOutcome::Irreversible => &mut counts.irreversible,
            TripOutcome::NotReached => &mut counts.not_reached,
            TripOutcome::Failed => &mut counts.failed,
        } += 1;
    }
    counts
}

fn tested(trip: &RoundTrip) -> TestedRevision {
    let difference = match &trip.end {
        TripEnd::Differs { difference, .. } => Some(SchemaDiff::clone(difference)),
        _ => None,
    };
    let sqlstate = match &trip.end {
        TripEnd::Failed { error, .. } => server(error).map(|error| error.sqlstate.to_string()),
        _ => None,
    };
    TestedRevision {
        revision: trip.revision.clone(),
        message: trip.message.clone(),
        up: trip.up.clone(),
        down: trip.down.clone(),
        outcome: trip.end.outcome(),
        findings: findings(trip),
        sqlstate,
        difference,
        rows: trip.rows.clone(),
        duration_ms: trip.duration_ms,
    }
}

fn server(error: &Error) -> Option<&ServerError> {
    let Error::StepFailed(failure) = error else {
        return None;
    };
    match &failure.cause {
        StepCause::Statement(error)
        | StepCause::Verify(error)
        | StepCause::Commit(error)
        | StepCause::Bookkeeping(error)
        | StepCause::BuildFailed { error, .. } => Some(error),
        _ => None,
    }
}

/// What is wrong with a revision, and what is worth knowing of it.
pub(super) fn findings(trip: &RoundTrip) -> Vec<Diagnostic> {
    let fault = trip.end.fault();
    let wrong = fault.map_or_else(Vec::new, |fault| wrong(trip, fault.code()));
    let rows = trip.rows.iter().map(|change| rows(trip, change));
    wrong.into_iter().chain(rows).collect()
}

fn wrong(trip: &RoundTrip, code: &'static str) -> Vec<Diagnostic> {
    let id = &trip.revision;
    match &trip.end {
        TripEnd::Failed { phase, error } => failed(code, *phase, error),
        TripEnd::Differs { phase, difference } => {
            let objects = difference.objects.len();
            let objects = plural(objects, "object differs", "objects differ");
            let (path, message) = match phase {
                Phase::Up | Phase::Down => (
                    trip.down.as_ref().unwrap_or(&trip.up),
                    format!("the down script of `{id}` does not lead back: {objects}"),
                ),
                Phase::UpAgain => (
                    &trip.up,
                    format!(
                        "behind its down script, `{id}` leads elsewhere than before: {objects}"
                    ),
                ),
            };
            vec![Diagnostic::error(code, message).at(Place::file(path))]
        }
        TripEnd::NoDownScript => {
            let message = format!("`{id}` has no down script, and does not say why");
            vec![
                Diagnostic::error(code, message)
                    .at(Place::file(&trip.up))
                    .help(
                        "write its `.down.sql`, or say in the header that there is no way back: \
                         `-- irreversible: <reason>`",
                    ),
            ]
        }
        TripEnd::Back | TripEnd::Irreversible { .. } | TripEnd::NotReached { .. } => Vec::new(),
    }
}

/// The words of a script that failed; those of the run that it was are left out, as nothing stands.
pub(super) fn described(error: &Error) -> Description {
    describe(error, "test")
}

fn failed(code: &'static str, phase: Phase, error: &Error) -> Vec<Diagnostic> {
    let described = described(error);
    let places = described.findings;
    // What is wrong with a script is more than that something is.
    if !places.is_empty() {
        let places = places.into_iter();
        return places.map(|one| Diagnostic { code, ..one }).collect();
    }
    let message = match phase {
        Phase::Up | Phase::Down => described.message,
        Phase::UpAgain => {
            let again = " failed behind its down script: ";
            described.message.replacen(" failed: ", again, 1)
        }
    };
    vec![Diagnostic {
        place: described.place,
        help: server(error).and_then(missing_role),
        ..Diagnostic::error(code, message)
    }]
}

fn rows(trip: &RoundTrip, change: &RowsChange) -> Diagnostic {
    let (before, after) = (change.rows_before, change.rows_after);
    let (table, id) = (change.table.name(), &trip.revision);
    let held = plural(usize::try_from(before).unwrap_or(usize::MAX), "row", "rows");
    let (path, message) = match change.phase {
        Phase::UpAgain => (
            &trip.up,
            format!(
                "`{table}` held {held} behind `{id}`, and {after} once it went down and up again"
            ),
        ),
        Phase::Up | Phase::Down => (
            trip.down.as_ref().unwrap_or(&trip.up),
            if after == before {
                format!("the rows of `{table}` say something else behind the down script of `{id}`")
            } else {
                format!("`{table}` held {held} before `{id}`, and {after} behind its down script")
            },
        ),
    };
    let said = Diagnostic::warning(change.code(), message).at(Place::file(path));
    if after == before {
        Diagnostic {
            severity: Severity::Note,
            ..said
        }
    } else {
        said
    }
}
