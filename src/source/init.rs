//! What a new project is made of.

use std::path::{Path, PathBuf};

use super::template::{EMBEDDED, script_path};
use super::write::{NewFile, write_all};
use super::{SourceError, shown};

/// A project to be made ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProject {
    /// Its folder, absolute.
    pub root: PathBuf,
    /// The configuration file, absolute, and the text that it has in a new project.
    pub config: (PathBuf, String),
    /// The folders of revision files, absolute.
    pub versions: Vec<PathBuf>,
    /// The folder of templates, absolute.
    pub templates: PathBuf,
}

/// What was made, and what was there already and left alone: paths as they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewProjectFiles {
    /// Files that were made.
    pub created: Vec<PathBuf>,
    /// Files and folders that were there.
    pub kept: Vec<PathBuf>,
}

impl NewProject {
    /// Makes what is missing: the configuration file, each folder of revisions (with a `.gitkeep`,
    /// since git knows no empty folders), each template. Nothing is overwritten, and nothing is
    /// added to a folder of revisions or a template that is there.
    pub fn create(&self) -> Result<NewProjectFiles, SourceError> {
        let mut files = NewProjectFiles::default();
        let (config, text) = &self.config;
        self.create_file(config, config, text, &mut files)?;
        for folder in &self.versions {
            self.create_file(folder, &folder.join(".gitkeep"), "", &mut files)?;
        }
        let mut names: Vec<&str> = EMBEDDED.iter().map(|(name, _, _)| *name).collect();
        names.dedup();
        for name in names {
            let folder = self.templates.join(name);
            if exists(&folder) {
                files.kept.push(shown(&self.root, &folder).to_owned());
                continue;
            }
            for (_, kind, text) in EMBEDDED.iter().filter(|(of, _, _)| *of == name) {
                let file = self.templates.join(script_path(name, *kind));
                self.create_file(&file, &file, text, &mut files)?;
            }
        }
        Ok(files)
    }

    /// Writes `file`, unless `unless` is there.
    fn create_file(
        &self,
        unless: &Path,
        file: &Path,
        text: &str,
        files: &mut NewProjectFiles,
    ) -> Result<(), SourceError> {
        if exists(unless) {
            files.kept.push(shown(&self.root, unless).to_owned());
            return Ok(());
        }
        let shown = shown(&self.root, file);
        write_all(&[NewFile { file, shown, text }])?;
        files.created.push(shown.to_owned());
        Ok(())
    }
}

/// Whether anything has this name, a link that leads nowhere included.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn shown(paths: &[PathBuf]) -> Vec<String> {
        paths
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    }

    #[test]
    fn nothing_is_overwritten() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        let project = NewProject {
            root: root.path().to_owned(),
            config: (at("grace-migrate.toml"), "# new\n".to_owned()),
            versions: vec![at("versions")],
            templates: at("templates"),
        };
        let all = [
            "grace-migrate.toml",
            "versions/.gitkeep",
            "templates/plain/up.sql.jinja",
            "templates/plain/down.sql.jinja",
            "templates/rls/up.sql.jinja",
            "templates/rls/down.sql.jinja",
        ];
        let made = project.create().unwrap();
        assert_eq!(shown(&made.created), all);
        assert_eq!(made.kept, Vec::<PathBuf>::new());

        fs::write(at("grace-migrate.toml"), "mine").unwrap();
        fs::remove_file(at("templates/plain/down.sql.jinja")).unwrap();
        fs::remove_dir_all(at("templates/rls")).unwrap();
        fs::remove_file(at("versions/.gitkeep")).unwrap();
        let made = project.create().unwrap();
        assert_eq!(shown(&made.created), all[4..]);
        assert_eq!(
            shown(&made.kept),
            ["grace-migrate.toml", "versions", "templates/plain"]
        );
        assert_eq!(
            fs::read_to_string(at("grace-migrate.toml")).unwrap(),
            "mine"
        );
    }
}
