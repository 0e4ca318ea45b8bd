//! Where a server of ours is reached.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The port in the name of every socket of ours; each is alone in its folder.
pub(super) const PORT: u16 = 5432;

/// The superuser of every server of ours.
pub(super) const SUPERUSER: &str = "postgres";

/// Where a server listens: a socket in a private folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    socket_dir: PathBuf,
}

impl Address {
    pub(super) fn new(socket_dir: PathBuf) -> Self {
        Self { socket_dir }
    }

    /// The folder with the socket: `host`, as libpq says it.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// The port, which is a part of the socket's name.
    #[must_use]
    pub fn port(&self) -> u16 {
        PORT
    }

    /// The superuser's name. The socket's folder is private, so that no password is asked for.
    #[must_use]
    pub fn superuser(&self) -> &'static str {
        SUPERUSER
    }

    /// The libpq URL of a database, as the superuser.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.url_as(SUPERUSER, database)
    }

    /// The libpq URL of a database, as a role. No password is asked for, whatever the role.
    #[must_use]
    pub fn url_as(&self, role: &str, database: &str) -> String {
        format!(
            "postgresql://{}@/{}?host={}",
            escape(role.as_bytes()),
            escape(database.as_bytes()),
            escape(self.socket_dir.as_os_str().as_encoded_bytes()).replace("%2F", "/"),
        )
    }

    /// The socket's path.
    pub(super) fn socket(socket_dir: &Path) -> PathBuf {
        socket_dir.join(format!(".s.PGSQL.{PORT}"))
    }
}

/// Percent-encodes all but what every part of a URL may hold.
fn escape(bytes: &[u8]) -> String {
    let mut escaped = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn a_url_names_the_socket_folder_and_escapes_what_it_must() {
        let address = Address::new("/tmp/gm-7-0".into());
        assert_eq!(
            address.url("postgres"),
            "postgresql://postgres@/postgres?host=/tmp/gm-7-0"
        );
        let address = Address::new("/tmp/a b&c".into());
        assert_eq!(
            address.url_as("o'brien", "x/y?z"),
            "postgresql://o%27brien@/x%2Fy%3Fz?host=/tmp/a%20b%26c"
        );
    }
}
