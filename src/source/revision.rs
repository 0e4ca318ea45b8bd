//! A revision as its files tell it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::checksum::Checksum;
use crate::diagnostic::Diagnostic;
use crate::revision::{
    Header, HeaderDefect, HeaderSpans, RevisionId, Script, ScriptKind, parse_header, parse_settings,
};

use super::diagnose::header_diagnostic;
use super::listing::Files;
use super::sql_files::read_sql;
use super::{Folders, SourceError};

/// A revision: its header and up script, read; its down and verify scripts, read when asked for.
#[derive(Debug)]
pub struct Revision {
    /// What its header says.
    pub header: Header,
    pub(super) spans: HeaderSpans,
    up: Script,
    file: PathBuf,
    down: Option<Unread>,
    verify: Option<Unread>,
    lost: bool,
}

/// A script that is read when it is first asked for.
#[derive(Debug)]
struct Unread {
    file: PathBuf,
    shown: PathBuf,
    kind: ScriptKind,
    script: OnceLock<Script>,
}

/// What one revision's files gave: the revision as soon as its id could be read.
pub(super) struct Loaded {
    pub(super) revision: Option<Revision>,
    pub(super) defects: Vec<Diagnostic>,
}

impl Revision {
    /// Reads the up file.
    pub(super) fn load(folders: &Folders, files: &Files) -> Loaded {
        let shown = folders.shown(&files.up);
        let text = match read_sql(&files.up, shown) {
            Ok(text) => text,
            Err(defect) => {
                return Loaded {
                    revision: None,
                    defects: vec![*defect],
                };
            }
        };
        let parsed = parse_header(&text);
        let defects = diagnostics(&parsed.defects, shown, &text);
        let unread = |file: &Option<PathBuf>, kind| {
            file.as_ref().map(|file| Unread {
                file: file.clone(),
                shown: folders.shown(file).to_owned(),
                kind,
                script: OnceLock::new(),
            })
        };
        let revision = parsed.header.map(|header| Self {
            up: Script::new(shown, text, header.settings),
            header,
            spans: parsed.spans,
            file: files.up.clone(),
            down: unread(&files.down, ScriptKind::Down),
            verify: unread(&files.verify, ScriptKind::Verify),
            lost: false,
        });
        Loaded { revision, defects }
    }

    /// A revision whose files are gone, of which only the way down is known.
    pub(super) fn lost(header: Header, up: Script, down: Script) -> Self {
        let shown = down.path.clone();
        Self {
            file: up.path.clone(),
            up,
            header,
            spans: HeaderSpans::default(),
            down: Some(Unread {
                file: shown.clone(),
                shown,
                kind: ScriptKind::Down,
                script: OnceLock::from(down),
            }),
            verify: None,
            lost: true,
        }
    }

    /// Its files are gone: it has no up script, and its down script is the history's.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &RevisionId {
        &self.header.revision
    }

    /// Its message, empty where it has none.
    #[must_use]
    pub fn message(&self) -> &str {
        self.header.message.as_deref().unwrap_or_default()
    }

    /// The up file as it is shown: relative to the project where it lies within it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.up.path
    }

    /// The up file, to be opened.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The down file, to be opened, where there is one.
    #[must_use]
    pub fn down_file(&self) -> Option<&Path> {
        self.down.as_ref().map(|down| down.file.as_path())
    }

    /// The verify file, to be opened, where there is one.
    #[must_use]
    pub fn verify_file(&self) -> Option<&Path> {
        self.verify.as_ref().map(|verify| verify.file.as_path())
    }

    /// The up script.
    #[must_use]
    pub fn up(&self) -> &Script {
        &self.up
    }

    /// The down script, where there is one; read when first asked for.
    pub fn down(&self) -> Result<Option<&Script>, SourceError> {
        script(&self.down)
    }

    /// The verify script, where there is one; read when first asked for.
    pub fn verify(&self) -> Result<Option<&Script>, SourceError> {
        script(&self.verify)
    }

    /// The checksums of its scripts: up, down, verify.
    pub fn checksums(&self) -> Result<(Checksum, Option<Checksum>, Option<Checksum>), SourceError> {
        Ok((
            self.up.checksum(),
            self.down()?.map(Script::checksum),
            self.verify()?.map(Script::checksum),
        ))
    }

    /// Reads its scripts; what is wrong with them, all together.
    pub(super) fn read_scripts(&self) -> Vec<Diagnostic> {
        [&self.down, &self.verify]
            .into_iter()
            .flatten()
            .filter_map(|unread| unread.get().err())
            .flatten()
            .collect()
    }
}

fn script(unread: &Option<Unread>) -> Result<Option<&Script>, SourceError> {
    unread
        .as_ref()
        .map(|unread| unread.get().map_err(SourceError::Defects))
        .transpose()
}

impl Unread {
    fn get(&self) -> Result<&Script, Vec<Diagnostic>> {
        if let Some(script) = self.script.get() {
            return Ok(script);
        }
        let text = read_sql(&self.file, &self.shown).map_err(|defect| vec![*defect])?;
        let settings = parse_settings(&text, self.kind)
            .map_err(|defects| diagnostics(&defects, &self.shown, &text))?;
        let script = Script::new(&self.shown, text, settings);
        Ok(self.script.get_or_init(|| script))
    }
}

fn diagnostics(defects: &[HeaderDefect], path: &Path, text: &str) -> Vec<Diagnostic> {
    defects
        .iter()
        .map(|defect| header_diagnostic(defect, path, text))
        .collect()
}
