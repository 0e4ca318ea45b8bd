//! A PostgreSQL version.

use std::fmt;

/// A released PostgreSQL version, `17.10` say. A beta counts as its major's `.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PgVersion {
    /// `17` in `17.10`.
    pub major: u32,
    /// `10` in `17.10`.
    pub minor: u32,
}

impl PgVersion {
    /// The oldest major version that the embedded server may be.
    pub const OLDEST_MAJOR: u32 = 14;

    /// Reads what `postgres --version` prints: `postgres (PostgreSQL) 15.18 (Debian …)`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.split_once("(PostgreSQL)")?.1.trim_start();
        let digits = |text: &str| -> Option<(u32, usize)> {
            let end = text
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(text.len());
            Some((text[..end].parse().ok()?, end))
        };
        let (major, end) = digits(text)?;
        let minor = text[end..]
            .strip_prefix('.')
            .and_then(digits)
            .map_or(0, |(minor, _)| minor);
        Some(Self { major, minor })
    }
}

impl fmt::Display for PgVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::PgVersion;

    #[test]
    fn a_version_is_read_from_what_the_server_prints() {
        let read = |text: &str| PgVersion::parse(text).map(|version| version.to_string());
        assert_eq!(
            read("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n").as_deref(),
            Some("15.18")
        );
        assert_eq!(
            read("postgres (PostgreSQL) 17.10").as_deref(),
            Some("17.10")
        );
        assert_eq!(
            read("postgres (PostgreSQL) 19beta2").as_deref(),
            Some("19.0")
        );
        assert_eq!(read("postgres (EDB) x"), None);
        assert_eq!(read(""), None);
    }
}
