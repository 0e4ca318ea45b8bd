//! The embedded server: `db start|stop|status|reset`.

use super::frame::facts;
use super::style::{Role, Style};
use super::words::{bytes, instant};
use crate::migrator::report::{DatabaseStatus, ServerAction, ServerState};

/// What was done to the embedded server and how it stands.
#[must_use]
pub fn database_status(report: &DatabaseStatus, style: &Style) -> String {
    let action = match report.action {
        ServerAction::None => None,
        ServerAction::Started => Some("started the embedded server"),
        ServerAction::AlreadyRunning => Some("the embedded server runs already"),
        ServerAction::Stopped => Some("stopped the embedded server"),
        ServerAction::NotRunning => Some("the embedded server does not run"),
        ServerAction::Reset => Some("removed the embedded server's data"),
    };
    let mut out = action.map_or_else(String::new, |action| format!("{action}\n"));
    let state = match report.state {
        ServerState::Running => style.paint(Role::Good, "running"),
        ServerState::Stopped => "stopped".to_owned(),
        ServerState::Absent => "not made yet".to_owned(),
    };
    out.push_str(&format!("  {:8}  {state}\n", "state"));
    let path = |path: &std::path::PathBuf| path.display().to_string();
    let version = report.version.as_ref().map(|version| {
        let origin = report.binaries_origin.as_ref();
        origin.map_or_else(
            || format!("PostgreSQL {version}"),
            |origin| format!("PostgreSQL {version} ({origin})"),
        )
    });
    let data = report.data_bytes.map_or_else(
        || path(&report.data),
        |size| format!("{} ({})", path(&report.data), bytes(size)),
    );
    let rows: Vec<Vec<String>> = [
        ("pid", report.pid.map(|pid| pid.to_string())),
        ("since", report.started_at.map(instant)),
        ("version", version),
        ("binaries", report.binaries.as_ref().map(path)),
        ("data", Some(data)),
        ("log", report.log.as_ref().map(path)),
        ("url", report.url.clone()),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some(vec![format!("{key:8}"), value?]))
    .collect();
    facts(&mut out, &rows, "  ");
    out
}
