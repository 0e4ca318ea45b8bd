//! What is made from the command line's types: completions and the manual.

use std::io;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use super::Cli;

/// The completion script of a shell.
pub(crate) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "grace-migrate", &mut script);
    script
}

/// The manual page of a command, or the main one; `None` for a command that is not there.
pub(crate) fn manual(command: Option<&str>) -> io::Result<Option<Vec<u8>>> {
    let mut root = Cli::command();
    root.build();
    let page = match command {
        None => root,
        Some(name) => match root.find_subcommand(name) {
            Some(found) => named(found),
            None => return Ok(None),
        },
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    Ok(Some(text))
}

/// A subcommand's page is called `grace-migrate-upgrade`.
fn named(command: &Command) -> Command {
    let name: &'static str = format!("grace-migrate-{}", command.get_name()).leak();
    command.clone().name(name)
}
