//! What is run on new files.

/// A command that is run on each new file, a formatter say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// What it is called in reports.
    pub name: String,
    /// The program and its arguments; `{path}` stands for the file. Never empty.
    pub command: Vec<String>,
}

impl Hook {
    /// Checks a command, or says as a clause what is wrong with it.
    pub fn command(command: Vec<String>) -> Result<Vec<String>, String> {
        if command.first().is_none_or(String::is_empty) {
            Err("it names no program".to_owned())
        } else if !command.iter().any(|argument| argument.contains("{path}")) {
            Err("no argument holds `{path}`, the new file".to_owned())
        } else {
            Ok(command)
        }
    }
}
