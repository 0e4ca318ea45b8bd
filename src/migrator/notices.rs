//! What the server said while a script ran, with the line that it is about.

use std::path::Path;

use super::report::NoticeReport;
use crate::db::Notice;
use crate::diagnostic::Severity;
use crate::sql::Statement;

pub(super) fn report(
    notice: &Notice,
    path: &Path,
    statements: &[Statement],
    first: usize,
) -> NoticeReport {
    let line = notice
        .statement
        .and_then(|index| statements.get(first + index))
        .map(|statement| statement.line);
    NoticeReport {
        severity: if notice.severity == "WARNING" {
            Severity::Warning
        } else {
            Severity::Note
        },
        level: notice.severity.clone(),
        message: notice.message.clone(),
        detail: notice.detail.clone(),
        hint: notice.hint.clone(),
        sqlstate: notice.sqlstate.to_string(),
        path: Some(path.to_owned()),
        line,
    }
}

/// That so many more notices came than are kept.
pub(super) fn dropped(count: u64, path: &Path) -> NoticeReport {
    NoticeReport {
        severity: Severity::Note,
        level: "NOTICE".to_owned(),
        message: format!("{count} more notices are not shown"),
        detail: None,
        hint: None,
        sqlstate: "00000".to_owned(),
        path: Some(path.to_owned()),
        line: None,
    }
}
