//! The log: lines on stderr, as text or JSON.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::args::LogFormat;

/// Which lines there are where nothing is said.
pub(super) const USUAL: &str = "info";

/// Reads which lines there are: a level, or levels of parts, `warn,tower_http=debug`.
pub(super) fn filter(text: &str) -> Result<EnvFilter, String> {
    // A word that is no level would be taken for a part, and the log be empty.
    let mut words = text.split(',').map(str::trim);
    let odd = words.find(|word| !word.contains(['=', '[']) && word.parse::<LevelFilter>().is_err());
    if let Some(word) = odd {
        return Err(format!(
            "`{word}` is no level: there are `error`, `warn`, `info`, `debug`, `trace` and `off`"
        ));
    }
    EnvFilter::try_new(text).map_err(|error| error.to_string())
}

/// Begins to log, panics too.
pub(super) fn begin(format: LogFormat, filter: EnvFilter) {
    let to_stderr = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    // A second time in one process is no harm: the first stays.
    let _set = match format {
        LogFormat::Text => to_stderr.compact().try_init(),
        LogFormat::Json => to_stderr.json().flatten_event(true).try_init(),
    };
    // One line like all others. The words of a panic may hold what somebody sent: those of a handler
    // are told once, where it is answered.
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(at) => tracing::error!(%at, "a panic"),
        None => tracing::error!("a panic"),
    }));
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{LogFormat, begin, filter};

    #[test]
    fn a_panic_is_one_line_without_its_words() {
        // In a process of its own: what is said of panics is the whole process's.
        let own = std::env::current_exe().unwrap();
        let test = "api::log::tests::panics";
        let output = Command::new(own)
            .args(["--exact", test, "--ignored", "--nocapture"])
            .output()
            .unwrap();
        assert!(output.status.success());
        let said = String::from_utf8(output.stderr).unwrap();
        let [line] = said.lines().collect::<Vec<_>>()[..] else {
            panic!("{said}");
        };
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["message"], "a panic");
        assert!(line["at"].as_str().unwrap().contains("log.rs"), "{line}");
        assert!(!said.contains("somebody"), "{said}");
    }

    #[test]
    #[ignore = "the test above runs it"]
    fn panics() {
        begin(LogFormat::Json, filter("info").unwrap());
        let panicked = std::panic::catch_unwind(|| panic!("what somebody sent"));
        assert!(panicked.is_err());
    }

    #[test]
    fn a_filter_that_would_hide_everything_is_refused() {
        for sound in ["info", "WARN", "off", "warn,tower_http=debug"] {
            assert!(filter(sound).is_ok(), "{sound}");
        }
        for broken in ["loud", "grace=loud", "info,loud", "info warn"] {
            assert!(filter(broken).is_err(), "{broken}");
        }
    }
}
