//! Snapshots that are the same in every run.

/// Settings for snapshots that take out what differs from run to run. Instants of the year 2020
/// stay: that is the year of what the tests themselves write.
pub(crate) fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    add_filters(&mut settings);
    settings
}

/// Adds the filters, each a pattern and what stands for what it finds.
pub(super) fn add_filters(settings: &mut insta::Settings) {
    let filters = [
        // sockets of servers
        (r"(/[^\s/?=@]+)+/gm-(scratch|pg)-\d+-\d+", "[socket]"),
        // databases of tests
        (r"\btest_\d+(_owner)?\b", "[database]$1"),
        // instants, with or without a zone
        (
            r"\b20(19|2[1-9]|[3-9]\d)-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z\b|UTC\b|[+-]\d\d:?\d\d\b))?",
            "[time]",
        ),
        // durations that were measured: settings are whole seconds
        (
            r#""(\w*)duration_ms": \d+(\.\d+)?"#,
            r#""${1}duration_ms": "[duration]""#,
        ),
        (r"\b\d+(\.\d+)? ?(ns|µs|ms)\b", "[duration]"),
        (r"\b\d+\.\d+ ?s\b", "[duration]"),
        // runs
        (
            r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
            "[uuid]",
        ),
        // processes
        (r#"(?i)\b(pid|process|backend)( |=|": )\d+\b"#, "$1$2[pid]"),
        // versions, ours and the server's
        (r"\bPostgreSQL \d+(\.\d+)?", "PostgreSQL [version]"),
        (
            concat!(r"\bgrace-migrate ", env!("CARGO_PKG_VERSION"), r"\b"),
            "grace-migrate [version]",
        ),
    ];
    for (pattern, stands) in filters {
        settings.add_filter(pattern, stands);
    }
}

/// A pattern that finds a text as it is.
pub(super) fn literally(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        if !c.is_alphanumeric() && c.is_ascii() {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
