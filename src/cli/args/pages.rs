//! What is made from the command line's types: completions and the manual.

use std::io::{self, Write as _};

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use super::Cli;

/// The completion script of a shell.
pub(crate) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "grace-migrate", &mut script);
    script
}

/// The manual page of a command, `["db", "start"]` say, or the main one; `None` for a command that
/// is not there.
pub(crate) fn manual(path: &[String]) -> io::Result<Option<Vec<u8>>> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let mut command = &root;
    for name in path {
        match command.find_subcommand(name) {
            Some(found) => command = found,
            None => return Ok(None),
        }
    }
    page(command, path).map(Some)
}

/// A page with its sections in the usual order. What `--help` ends with keeps its lines: its
/// examples are aligned by hand.
fn page(command: &Command, path: &[String]) -> io::Result<Vec<u8>> {
    let name = [&["grace-migrate".to_owned()], path].concat().join("-");
    let name: &'static str = name.leak();
    let usage = command.clone().render_usage().to_string();
    let command = command
        .clone()
        .name(name)
        .version(env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).manual("grace-migrate");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    writeln!(text, ".SH SYNOPSIS")?;
    for line in usage.trim_start_matches("Usage:").lines() {
        writeln!(text, "{}", escaped(line.trim()))?;
        writeln!(text, ".br")?;
    }
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(&mut text)?;
    }
    if let Some(after) = command.get_after_help() {
        for block in after.to_string().split("\n\n") {
            let titled = block
                .split_once(':')
                .filter(|(title, _)| title.split(' ').count() <= 2 && !title.contains('\n'));
            let (title, lines) = match titled {
                Some((title, lines)) => (
                    title.to_uppercase(),
                    lines.strip_prefix(['\n', ' ']).unwrap_or(lines),
                ),
                None => ("NOTES".to_owned(), block),
            };
            writeln!(text, ".SH {title}\n.nf")?;
            for line in lines.lines() {
                writeln!(text, "{}", escaped(line))?;
            }
            writeln!(text, ".fi")?;
        }
    }
    Ok(text)
}

/// A line of text as roff: nothing in it is a request or an escape.
fn escaped(line: &str) -> String {
    let text = line.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) {
        format!("\\&{text}")
    } else {
        text
    }
}
