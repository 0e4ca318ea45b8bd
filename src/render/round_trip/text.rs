use super::finding::{counts, described, findings};
use crate::migrator::report::{RoundTrip, RoundTrips, SeedReport, TestCounts, TripEnd};
use crate::render::frame::{diagnostic, facts};
use crate::render::plain;
use crate::render::states::schema_diff;
use crate::render::style::{Role, Style};
use crate::render::words::{comma, duration, plural, revisions};

/// A line for each revision, and below it, where it failed, what is wrong and in what the database
/// differs.
#[must_use]
pub fn round_trips(report: &RoundTrips, style: &Style) -> String {
    let ids = report.trips.iter().map(|trip| trip.revision.as_str().len());
    let width = ids.max().unwrap_or(0);
    let trips = report.trips.iter();
    trips.map(|trip| one(trip, width, style)).collect()
}

fn one(trip: &RoundTrip, width: usize, style: &Style) -> String {
    let (role, word) = match &trip.end {
        TripEnd::Back => (Role::Good, "ok"),
        TripEnd::Irreversible { .. } => (Role::Warning, "up only"),
        TripEnd::NotReached { .. } => (Role::Faint, "skipped"),
        TripEnd::NoDownScript | TripEnd::Failed { .. } | TripEnd::Differs { .. } => {
            (Role::Error, "FAILED")
        }
    };
    let note = match &trip.end {
        TripEnd::Irreversible { reason } => {
            format!("(irreversible: {})", plain::line(reason))
        }
        TripEnd::NotReached { beneath } => format!("(stands on {beneath}, which failed)"),
        _ => format!("({})", duration(trip.duration_ms)),
    };
    let message = plain::line(trip.message.as_deref().unwrap_or_default()).into_owned();
    let id = format!("{:width$}", trip.revision.as_str());
    let parts = [
        style.paint(role, &format!("{word:7}")),
        style.paint(Role::Id, &id),
        message,
        style.paint(Role::Faint, &note),
    ];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let mut out = format!("{}\n", parts.collect::<Vec<_>>().join("  "));
    let found = findings(trip);
    if found.is_empty() {
        return out;
    }
    for finding in &found {
        out.push('\n');
        out.push_str(&diagnostic(finding, style));
        if finding.severity == crate::diagnostic::Severity::Error {
            out.push_str(&more(trip, style));
        }
    }
    out.push('\n');
    out
}

/// What belongs to what is wrong: the server's words, or the difference.
fn more(trip: &RoundTrip, style: &Style) -> String {
    let mut out = String::new();
    match &trip.end {
        TripEnd::Failed { error, .. } => facts(&mut out, &described(error).facts, "  "),
        TripEnd::Differs { difference, .. } => {
            out.push('\n');
            out.push_str(&schema_diff(difference, style));
        }
        _ => {}
    }
    out
}

/// How many revisions passed, failed and went up alone; what was not tested.
#[must_use]
pub fn round_trips_summary(report: &RoundTrips, style: &Style) -> String {
    let mut out = String::new();
    for one in &report.unmodelled {
        out.push_str(&format!(
            "{}: {} `{}` is of a kind that is not looked at\n",
            style.paint(Role::Warning, "warning"),
            plain::line(&one.kind),
            plain::line(&one.name)
        ));
    }
    for file in &report.data {
        out.push_str(&data(file, style));
    }
    let counts = counts(report);
    let tested = counts.ok + counts.failed + counts.irreversible;
    if tested + counts.not_reached == 0 {
        out.push_str(&format!("nothing to test: {}\n", nothing(report)));
        return out;
    }
    let mut told = told(counts, style);
    let loses = |trip: &&RoundTrip| {
        let mut rows = trip.rows.iter();
        rows.any(|change| change.rows_after != change.rows_before)
    };
    let lossy = report.trips.iter().filter(loses).count();
    if lossy > 0 {
        let lossy = plural(lossy, "revision loses rows", "revisions lose rows");
        told.push_str(&format!("; {}", style.paint(Role::Warning, &lossy)));
    }
    out.push_str(&format!(
        "tested {} in {}{}: {told}\n",
        revisions(tested),
        duration(report.duration_ms),
        report
            .server_version_num
            .map_or_else(String::new, |version| format!(
                " on PostgreSQL {}.{}",
                version / 10_000,
                version % 10_000
            )),
    ));
    let not = [
        (counts.not_reached > 0).then(|| {
            let stand = match counts.not_reached {
                1 => "that stands",
                _ => "that stand",
            };
            format!(
                "{} {stand} on one that failed",
                revisions(counts.not_reached)
            )
        }),
        left_out(report, counts.left_out),
        has_no_rows(report).then(|| "what becomes of rows (`--data FILE` loads some)".to_owned()),
    ];
    let not: Vec<String> = not.into_iter().flatten().collect();
    if !not.is_empty() {
        out.push_str(&format!("not tested: {}\n", not.join("; ")));
    }
    out
}

/// Whether no table held a row, as far as is known.
fn has_no_rows(report: &RoundTrips) -> bool {
    report.data.iter().all(|file| file.loaded == 0)
        && report.trips.iter().all(|trip| trip.rows.is_empty())
}

fn told(counts: TestCounts, style: &Style) -> String {
    let told = [
        (counts.ok, "ok", Role::Good),
        (counts.failed, "failed", Role::Error),
        (counts.irreversible, "up only", Role::Warning),
    ];
    comma(
        told.into_iter()
            .filter(|(count, _, _)| *count > 0)
            .map(|(count, word, role)| style.paint(role, &format!("{count} {word}"))),
    )
}

/// Why revisions were left out.
fn left_out(report: &RoundTrips, count: usize) -> Option<String> {
    let (range, changed) = chosen(report);
    let why = match (range, changed) {
        (Some(range), None) => format!("not in {range}"),
        (None, Some(reference)) => format!("not changed since {reference}"),
        (Some(range), Some(reference)) => {
            format!("not in {range} or not changed since {reference}")
        }
        (None, None) => return None,
    };
    (count > 0).then(|| format!("{} {why}", revisions(count)))
}

fn nothing(report: &RoundTrips) -> String {
    let (range, changed) = chosen(report);
    match (range, changed) {
        _ if report.revisions == 0 => "there is no revision yet".to_owned(),
        (Some(range), None) => format!("no revision is in {range}"),
        (None, Some(reference)) => format!("no revision changed since {reference}"),
        (Some(range), Some(reference)) => {
            format!("no revision in {range} changed since {reference}")
        }
        (None, None) => String::new(),
    }
}

/// What was asked for, as it was typed.
fn chosen(report: &RoundTrips) -> (Option<String>, Option<String>) {
    let typed = |text: &Option<String>| {
        let text = text.as_deref()?;
        Some(format!("`{}`", plain::line(text)))
    };
    (typed(&report.range), typed(&report.changed_since))
}

/// What of a file was loaded, and what never could be.
fn data(file: &SeedReport, style: &Style) -> String {
    let shown = plain::line(&file.file.display().to_string()).into_owned();
    let mut out = format!(
        "loaded {} of `{shown}`\n",
        plural(file.loaded, "statement", "statements")
    );
    for rest in &file.rest {
        let why = match &rest.message {
            Some(message) => format!(": {}", plain::line(message)),
            None => String::new(),
        };
        out.push_str(&format!(
            "{}: {} was never loaded{why}\n",
            style.paint(Role::Warning, "warning"),
            rest.place
        ));
    }
    out
}
