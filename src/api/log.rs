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
    use super::filter;

    #[test]
    fn a_filter_that_would_hide_everything_is_refused() {
        for sound in ["info", "WARN", "off", "warn,tower_http=debug"] {
            assert!(filter(sound).is_ok(), "{sound}");
        }
        for broken in ["loud", "grace=loud", "", "info,loud", "info warn"] {
            assert!(filter(broken).is_err(), "{broken}");
        }
    }
}
