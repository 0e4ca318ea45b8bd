//! Small words that every text shares: durations, instants, counts, rows.

use chrono::{DateTime, SecondsFormat, Utc};

use super::plain;
use super::style::{Role, Style};

/// A duration as a person says it: `12 ms`, `1.24 s`, `2 min 05 s`, `3 h 07 min`.
pub(super) fn duration(ms: u64) -> String {
    // Each limit is where rounding reaches the next form.
    if ms < 1_000 {
        format!("{ms} ms")
    } else if ms < 59_995 {
        let hundredths = (ms + 5) / 10;
        format!("{}.{:02} s", hundredths / 100, hundredths % 100)
    } else if ms < 3_599_500 {
        let seconds = (ms + 500) / 1_000;
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    } else {
        let minutes = (ms + 30_000) / 60_000;
        format!("{} h {:02} min", minutes / 60, minutes % 60)
    }
}

/// A size as a person says it: `812 bytes`, `23.4 MB`.
pub(super) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if count < 1_000 {
        return plural(
            usize::try_from(count).unwrap_or(usize::MAX),
            "byte",
            "bytes",
        );
    }
    let mut tenths = count / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1_000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// An instant to the second, in UTC: `2026-11-22 15:30:00Z`.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
        .replacen('T', " ", 1)
}

/// `1 revision`, `2 revisions`.
pub(super) fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// `1 revision`, `2 revisions`.
pub(super) fn revisions(count: usize) -> String {
    plural(count, "revision", "revisions")
}

/// Rows of the version table: `base` where there are none.
pub(super) fn rows(rows: &[String], style: &Style) -> String {
    if rows.is_empty() {
        return style.paint(Role::Id, "base");
    }
    comma(
        rows.iter()
            .map(|row| style.paint(Role::Id, &plain::line(row))),
    )
}

/// `a, b, c`
pub(super) fn comma<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    items
        .into_iter()
        .map(|item| item.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes() {
        let shown: Vec<String> = [
            0, 999, 1_000, 1_239, 59_994, 59_995, 125_000, 3_599_499, 3_599_500, 11_220_000,
        ]
        .map(duration)
        .into();
        assert_eq!(
            shown,
            [
                "0 ms",
                "999 ms",
                "1.00 s",
                "1.24 s",
                "59.99 s",
                "1 min 00 s",
                "2 min 05 s",
                "59 min 59 s",
                "1 h 00 min",
                "3 h 07 min"
            ]
        );
        let shown: Vec<String> = [0, 1, 999, 1_000, 23_456_789, 999_999_999, u64::MAX]
            .map(bytes)
            .into();
        assert_eq!(
            shown,
            [
                "0 bytes",
                "1 byte",
                "999 bytes",
                "1.0 kB",
                "23.4 MB",
                "999.9 MB",
                "18446744.0 TB"
            ]
        );
    }
}
