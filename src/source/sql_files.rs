//! SQL files beside the revisions: policy tests, and the rows that they are run on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tokio::sync::oneshot;

use super::SourceError;
use crate::diagnostic::{Diagnostic, Place};
use crate::sql::decode;

/// How the name of a file of policy tests ends.
pub const TEST_SUFFIX: &str = ".test.sql";

/// The files of policy tests in a folder, shown as `shown`, by name; none where it does not exist.
/// Subfolders are not looked into.
///
/// # Errors
/// [`SourceError::NotAFolder`], and [`SourceError::UnreadableFolder`].
pub fn policy_tests(folder: &Path, shown: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let unreadable = |source| SourceError::UnreadableFolder {
        path: shown.to_owned(),
        source,
    };
    match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => {
            return Err(SourceError::NotAFolder {
                path: shown.to_owned(),
            });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(TEST_SUFFIX) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The text of an SQL file, which is shown as `shown`.
///
/// # Errors
/// Why it cannot be read, or is no text.
pub fn read_sql(file: &Path, shown: &Path) -> Result<String, Box<Diagnostic>> {
    let bytes = fs::read(file).map_err(|error| {
        let message = format!("it cannot be read: {error}");
        Box::new(Diagnostic::error("unreadable-file", message).at(Place::file(shown)))
    })?;
    match decode(&bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(defect) => Err(Box::new(defect.to_diagnostic(shown))),
    }
}

/// The same for what somebody named, which may be a pipe that is written to late, or never: who reads is
/// left behind where this future is dropped.
///
/// # Errors
/// Those of [`read_sql`].
pub async fn read_named_sql(file: &Path, shown: &Path) -> Result<String, Box<Diagnostic>> {
    let (tell, told) = oneshot::channel();
    let (file, shown) = (file.to_owned(), shown.to_owned());
    // A thread of the runtime's would be waited for in the end.
    std::thread::spawn(move || tell.send(read_sql(&file, &shown)));
    match told.await {
        Ok(read) => read,
        Err(_) => unreachable!("reading ends with an answer"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_of_a_folder_come_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("rls");
        assert_eq!(
            policy_tests(&folder, &folder).unwrap(),
            Vec::<PathBuf>::new()
        );
        fs::create_dir(&folder).unwrap();
        for name in [
            "b.test.sql",
            "a.test.sql",
            "fixtures.sql",
            "c.test.sql.orig",
        ] {
            fs::write(folder.join(name), "select 1;").unwrap();
        }
        fs::create_dir(folder.join("d.test.sql")).unwrap();
        let found = policy_tests(&folder, &folder).unwrap();
        let names: Vec<&str> = found
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap())
            .collect();
        assert_eq!(names, ["a.test.sql", "b.test.sql"]);
        assert!(matches!(
            policy_tests(&folder.join("fixtures.sql"), &folder),
            Err(SourceError::NotAFolder { .. })
        ));
    }

    #[test]
    fn what_is_no_text_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.sql");
        let shown = Path::new("a.sql");
        let gone = read_sql(&file, shown).unwrap_err();
        assert_eq!(gone.code, "unreadable-file");
        fs::write(&file, b"select '\xff'").unwrap();
        let broken = read_sql(&file, shown).unwrap_err();
        assert_eq!(broken.place.unwrap().to_string(), "a.sql:1:9");
        fs::write(&file, b"\xef\xbb\xbfselect 1").unwrap();
        assert_eq!(read_sql(&file, shown).unwrap(), "select 1");
    }
}
