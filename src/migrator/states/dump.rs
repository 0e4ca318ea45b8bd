use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::StateError;
use super::read::view;
use super::spec::StateSpec;
use crate::diff;
use crate::migrator::control::Control;
use crate::migrator::error::Error;
use crate::migrator::operations::Migrator;
use crate::migrator::report::SchemaDump;
use crate::schema::facts::{FactId, Scope};
use crate::source::declared_files;

/// What `schema dump` is asked to do.
#[derive(Debug, Clone)]
pub struct DumpRequest {
    /// Of what.
    pub state: StateSpec,
    /// What of it.
    pub scope: Scope,
    /// Objects that are not modelled are an error.
    pub strict: bool,
}

/// A file of `--split`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitFile {
    /// Where, beneath the folder: `table/public.notes.sql`.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

impl Migrator {
    /// A state as SQL: the same for equal states, whatever server they are on.
    ///
    /// # Errors
    /// [`StateError`], the server's, and what keeps a scratch server from being started.
    pub async fn schema_dump(
        &self,
        request: &DumpRequest,
        control: &Control,
    ) -> Result<SchemaDump, Error> {
        let (spec, scope) = (&request.state, &request.scope);
        let state = self
            .read_one_state(spec, scope, request.strict, control)
            .await?;
        let mut statements = diff::create(&state).map_err(StateError::from)?;
        let mut objects = diff::objects(&state).map_err(StateError::from)?;
        // What is not there since nobody looked is not said to be gone: the schema `public`.
        let scope = self.state_scope(scope.clone());
        let is_told = |id: &FactId| state.has(id) || scope.holds(id);
        statements.retain(|one| is_told(&one.object));
        objects.retain(|one| is_told(&one.object));
        Ok(SchemaDump {
            state: view(request.state.to_string(), &state),
            statements,
            objects,
        })
    }
}

impl SchemaDump {
    /// A file for each object, by path.
    #[must_use]
    pub fn split(&self) -> Vec<SplitFile> {
        let mut taken = BTreeSet::new();
        let files = self.objects.iter().map(|object| {
            let name = file_name(&object.object);
            let mut path = format!("{}/{name}.sql", object.object.kind.word());
            // Names that differ in what a file's name cannot hold, or in case alone.
            let mut number = 2;
            while !taken.insert(path.to_lowercase()) {
                path = format!("{}/{name}-{number}.sql", object.object.kind.word());
                number += 1;
            }
            SplitFile {
                path: path.into(),
                text: object.sql.clone(),
            }
        });
        files.collect()
    }

    /// Writes a file for each object into a folder, where nothing is in the way of any. What else is in it
    /// stays; the SQL files of that are told, by their paths beneath the folder: they are no part of this
    /// state.
    ///
    /// # Errors
    /// [`StateError::NotWritten`].
    pub fn write_split(&self, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let files = self.split();
        for file in &files {
            let path = folder.join(&file.path);
            for above in path.ancestors().skip(1) {
                in_the_way(above, |found| !found.is_dir(), "a file is in the way")?;
            }
            in_the_way(&path, fs::Metadata::is_dir, "a folder is in the way")?;
        }
        for (written, file) in files.iter().enumerate() {
            let path = folder.join(&file.path);
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent).map_err(not_written(parent, written))?;
            fs::write(&path, &file.text).map_err(not_written(&path, written))?;
        }
        let written: BTreeSet<&Path> = files.iter().map(|file| file.path.as_path()).collect();
        // One that cannot be read is told of by whom it concerns.
        let there = declared_files(folder, &[folder.to_owned()]);
        let there = there.ok().flatten().unwrap_or_default().into_iter();
        let others = there.map(|text| text.shown);
        Ok(others
            .filter(|path| !written.contains(path.as_path()))
            .collect())
    }

    /// Writes a text into a file.
    ///
    /// # Errors
    /// [`StateError::NotWritten`].
    pub fn write_file(path: &Path, text: &str) -> Result<(), Error> {
        fs::write(path, text).map_err(not_written(path, 0))
    }
}

/// Refuses to write where something stands that cannot be written over.
fn in_the_way(
    path: &Path,
    is_in_the_way: impl Fn(&fs::Metadata) -> bool,
    reason: &str,
) -> Result<(), StateError> {
    // What cannot be looked at is not there, or is told of by the writing.
    if fs::metadata(path).is_ok_and(|found| is_in_the_way(&found)) {
        return Err(StateError::NotWritten {
            path: path.to_owned(),
            reason: reason.to_owned(),
            written: 0,
        });
    }
    Ok(())
}

/// That `written` other files were written, and this one was not.
fn not_written(path: &Path, written: usize) -> impl Fn(std::io::Error) -> Error {
    let path = path.to_owned();
    move |error| {
        StateError::NotWritten {
            path: path.clone(),
            reason: error.to_string(),
            written,
        }
        .into()
    }
}

/// An object's names, as far as every file system has their characters. Those that are empty are left
/// out: a file whose name begins with a dot is hidden.
fn file_name(id: &FactId) -> String {
    let parts: Vec<String> = id
        .path()
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| {
            let kept = part.chars().map(|c| {
                if c.is_alphanumeric() || matches!(c, '_' | '-') {
                    c
                } else {
                    '_'
                }
            });
            kept.take(60).collect()
        })
        .collect();
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Object;
    use crate::migrator::report::StateView;
    use crate::schema::facts::{Kind, State};

    fn object(kind: Kind, path: &[&str]) -> Object {
        Object {
            object: FactId::new(kind, path.iter().copied()),
            sql: String::new(),
        }
    }

    fn dump(objects: Vec<Object>) -> SchemaDump {
        SchemaDump {
            state: StateView {
                state: "db".to_owned(),
                server_version_num: 150_000,
                fingerprint: State::default().fingerprint(),
                facts: 0,
                unmodelled: Vec::new(),
                unseen: Vec::new(),
            },
            statements: Vec::new(),
            objects,
        }
    }

    /// Why files were not written, and how many were.
    fn refused(dump: &SchemaDump, folder: &Path) -> (PathBuf, usize) {
        match dump.write_split(folder).unwrap_err() {
            Error::State(StateError::NotWritten { path, written, .. }) => {
                (path.strip_prefix(folder).unwrap().to_owned(), written)
            }
            error => panic!("{error}"),
        }
    }

    #[test]
    fn nothing_is_written_where_something_is_in_the_way_of_one_file() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("out");
        let dump = dump(vec![
            object(Kind::Schema, &["a"]),
            object(Kind::Table, &["a", "t"]),
            object(Kind::View, &["a", "v"]),
        ]);
        let in_the_way = folder.join("table/a.t.sql");
        fs::create_dir_all(&in_the_way).unwrap();
        assert_eq!(refused(&dump, &folder), ("table/a.t.sql".into(), 0));
        fs::remove_dir(&in_the_way).unwrap();
        fs::write(folder.join("view"), "").unwrap();
        assert_eq!(refused(&dump, &folder), ("view".into(), 0));
        fs::remove_file(folder.join("view")).unwrap();
        assert!(!folder.join("schema").exists());
        // What is not seen before is told with what was done.
        std::os::unix::fs::symlink("nowhere/at/all", folder.join("table/a.t.sql")).unwrap();
        assert_eq!(refused(&dump, &folder), ("table/a.t.sql".into(), 1));
        assert!(folder.join("schema/a.sql").exists());
    }

    #[test]
    fn a_file_for_each_object() {
        let dump = dump(vec![
            object(Kind::Function, &["a", "f", ""]),
            object(Kind::Function, &["a", "f", "integer, text"]),
            object(Kind::Table, &["a", "T"]),
            object(Kind::Table, &["a", "t"]),
            object(Kind::Table, &["a", "../x"]),
            object(Kind::DefaultPrivileges, &["", "", "tables", "anon"]),
        ]);
        let files = dump.split().into_iter().map(|file| file.path);
        let paths: Vec<String> = files.map(|path| path.display().to_string()).collect();
        assert_eq!(
            paths,
            [
                "function/a.f.sql",
                "function/a.f.integer__text.sql",
                "table/a.T.sql",
                "table/a.t-2.sql",
                "table/a.___x.sql",
                "default-privileges/tables.anon.sql",
            ]
        );
    }
}
