//! The password file, `~/.pgpass`, by libpq's rules.

use std::path::{Path, PathBuf};

use super::parts::Secret;

/// Why a password file was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassfileIgnored {
    /// Others than its owner may read it.
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is not a plain file.
    NotAFile {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
}

/// What a password is looked up by.
pub(super) struct Wanted<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) database: &'a str,
    pub(super) user: &'a str,
}

/// The password for `wanted`, or why the file was not used; a missing file is neither.
pub(super) fn read(path: &Path, wanted: &Wanted<'_>) -> Result<Option<Secret>, PassfileIgnored> {
    let unreadable = |error: std::io::Error| PassfileIgnored::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    if !metadata.is_file() {
        return Err(PassfileIgnored::NotAFile {
            path: path.to_owned(),
        });
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(PassfileIgnored::Permissions {
                path: path.to_owned(),
                mode,
            });
        }
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Ok(lookup(&text, wanted))
}

/// The password of the first line that matches.
fn lookup(text: &str, wanted: &Wanted<'_>) -> Option<Secret> {
    let port = wanted.port.to_string();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| {
            let mut rest = line;
            for field in [wanted.host, &port, wanted.database, wanted.user] {
                rest = matching(rest, field)?;
            }
            Some(Secret::new(unescape(rest)))
        })
}

/// What follows the first field of `line`, where that field is `*` or stands for `wanted`.
fn matching<'a>(line: &'a str, wanted: &str) -> Option<&'a str> {
    if let Some(rest) = line.strip_prefix("*:") {
        return Some(rest);
    }
    let mut escaped = false;
    let end = line.find(|c| {
        let ends = c == ':' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    (unescape(&line[..end]) == wanted).then(|| &line[end + 1..])
}

/// The text of a field, which ends before the first `:` without a backslash.
fn unescape(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut characters = field.chars();
    while let Some(c) = characters.next() {
        match c {
            ':' => break,
            '\\' => text.extend(characters.next()),
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Wanted<'static> = Wanted {
        host: "db.example.org",
        port: 5432,
        database: "app",
        user: "anna",
    };

    fn found(text: &str) -> Option<String> {
        lookup(text, &WANTED).map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn the_first_matching_line_counts() {
        assert_eq!(
            found(
                "# c\nother:*:*:*:no\n*:5433:*:*:no\ndb.example.org:5432:app:anna:yes\n*:*:*:*:late"
            ),
            Some("yes".to_owned())
        );
        assert_eq!(found("*:*:*:*:any"), Some("any".to_owned()));
        assert_eq!(found("*:*:app:berta:no\n"), None);
        assert_eq!(found("broken line\n"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn colons_and_backslashes_are_escaped() {
        assert_eq!(found(r"*:*:*:*:a\:b\\c:d"), Some(r"a:b\c".to_owned()));
        let wanted = Wanted {
            host: "::1",
            ..WANTED
        };
        let secret = lookup(r"\:\:1:*:*:*:six", &wanted).unwrap();
        assert_eq!(secret.expose(), "six");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pgpass");
        std::fs::write(&path, "*:*:*:*:secret\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(
            read(&path, &WANTED),
            Err(PassfileIgnored::Permissions {
                path: path.clone(),
                mode: 0o644
            })
        );
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(
            read(&path, &WANTED),
            Ok(Some(Secret::new("secret".to_owned())))
        );
        assert_eq!(read(&folder.path().join("none"), &WANTED), Ok(None));
        assert!(matches!(
            read(folder.path(), &WANTED),
            Err(PassfileIgnored::NotAFile { .. })
        ));
    }
}
