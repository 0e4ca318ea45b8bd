//! The person's editor.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::process::Command;

use crate::config::Environment;
use crate::migrator::Error;
use crate::migrator::report::EditReport;

/// What is tried where neither `VISUAL` nor `EDITOR` is set.
const FALLBACKS: [&str; 4] = ["sensible-editor", "editor", "nano", "vi"];

/// Opens the files in the person's editor and waits until it ends.
pub(super) fn open(environment: &Environment, files: Vec<PathBuf>) -> Result<EditReport, Error> {
    let words = words(environment);
    let (program, arguments) = words.split_first().ok_or_else(|| Error::NoProgram {
        program: "editor".to_owned(),
        reason: "neither VISUAL nor EDITOR is set, and no usual editor is installed".to_owned(),
    })?;
    let mut command = Command::new(program);
    command.args(arguments).args(&files);
    if !io::stdout().is_terminal() {
        // stdout is for our report; an editor without a terminal there talks on stderr.
        command.stdout(io::stderr());
    }
    let status = command.status().map_err(|source| Error::NoProgram {
        program: program.clone(),
        reason: source.to_string(),
    })?;
    if !status.success() {
        return Err(Error::EditorFailed {
            command: words.join(" "),
            reason: status.to_string(),
        });
    }
    Ok(EditReport {
        editor: words,
        opened: files,
    })
}

/// The editor's command line: a variable may hold arguments too (`code --wait`).
fn words(environment: &Environment) -> Vec<String> {
    if let Some(editor) = environment.editor() {
        let editor = editor.to_string_lossy();
        return shlex::split(&editor).unwrap_or_else(|| vec![editor.into_owned()]);
    }
    let path = environment.os("PATH").unwrap_or_default();
    FALLBACKS
        .iter()
        .find(|name| std::env::split_paths(path).any(|dir| dir.join(name).is_file()))
        .map(|name| vec![(*name).to_owned()])
        .unwrap_or_default()
}
