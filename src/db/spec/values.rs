//! Values of parameters, read as what they have to be.

use std::str::FromStr;
use std::time::Duration;

use super::UrlDefect;
use super::parameters::Given;

/// libpq waits for ever at 0 and below, and never less than two seconds.
pub(super) fn connect_timeout(given: &Given) -> Result<Option<Duration>, UrlDefect> {
    Ok(match number::<i64>(given, "connect_timeout")? {
        None => None,
        Some(seconds) if seconds <= 0 => Some(Duration::MAX),
        Some(seconds) => Some(Duration::from_secs(seconds.max(2).unsigned_abs())),
    })
}

pub(super) fn number<T: FromStr>(
    given: &Given,
    name: &'static str,
) -> Result<Option<T>, UrlDefect> {
    word(given, name, "a whole number", |text| {
        text.trim().parse().ok()
    })
}

pub(super) fn flag(given: &Given, name: &'static str) -> Result<bool, UrlDefect> {
    let parsed = word(given, name, "`true` or `false`", |text| match text {
        "true" | "1" | "on" | "yes" => Some(true),
        "false" | "0" | "off" | "no" => Some(false),
        _ => None,
    })?;
    Ok(parsed.unwrap_or(false))
}

pub(super) fn word<T>(
    given: &Given,
    name: &'static str,
    expected: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, UrlDefect> {
    let Some(text) = given.get(name) else {
        return Ok(None);
    };
    match parse(text) {
        Some(value) => Ok(Some(value)),
        None => Err(UrlDefect::Value {
            name,
            value: Some(text.to_owned()),
            expected,
        }),
    }
}
