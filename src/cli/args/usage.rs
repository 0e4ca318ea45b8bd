//! Arguments that mean nothing, in the words and the form of every other error.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory as _};

use super::{Cli, Format};
use crate::render::{Description, Exit};

/// The code of arguments that mean nothing.
const CODE: &str = "usage";

/// What was typed, as far as it can be told.
#[derive(Debug)]
pub(crate) struct Misuse {
    /// The command, `upgrade` or `db start`, where there was one.
    pub(crate) command: Option<String>,
    /// How the answer was to be written.
    pub(crate) format: Format,
    /// What is wrong.
    pub(crate) description: Description,
}

impl Misuse {
    /// Tells what is wrong with these arguments, which `error` is about.
    pub(super) fn of(arguments: &[OsString], error: &clap::Error) -> Self {
        let words = words(arguments);
        let command = command(&words);
        Self {
            format: format(&words),
            description: early(&words, error, command.as_deref())
                .unwrap_or_else(|| describe(error, command.as_deref())),
            command,
        }
    }

    /// Says of arguments that have a meaning each why they have none together.
    pub(super) fn because(arguments: &[OsString], message: String) -> Self {
        let words = words(arguments);
        let command = command(&words);
        let help = format!("{} --help", whole(command.as_deref()));
        Self {
            format: format(&words),
            description: Description::new(CODE, Exit::Refused, message)
                .hint(format!("see how it is used: `{help}`")),
            command,
        }
    }
}

fn words(arguments: &[OsString]) -> Vec<String> {
    let words = arguments.iter().skip(1);
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// The command as it is typed.
fn whole(command: Option<&str>) -> String {
    match command {
        Some(command) => format!("grace-migrate {command}"),
        None => "grace-migrate".to_owned(),
    }
}

/// The command among the words: each that is one, and after it each that is one of its own.
fn command(words: &[String]) -> Option<String> {
    let mut at: Command = Cli::command();
    let mut path: Vec<String> = Vec::new();
    for word in words.iter().take_while(|word| *word != "--") {
        if let Some(found) = at.find_subcommand(word) {
            path.push(found.get_name().to_owned());
            at = found.clone();
        }
    }
    (!path.is_empty()).then(|| path.join(" "))
}

fn format(words: &[String]) -> Format {
    let json = words.windows(2).any(|pair| pair == ["--format", "json"])
        || words.iter().any(|word| word == "--format=json");
    if json { Format::Json } else { Format::Text }
}

/// An option of a command that stands before it.
fn early(words: &[String], error: &clap::Error, command: Option<&str>) -> Option<Description> {
    let (Some(ContextValue::String(option)), ErrorKind::UnknownArgument, Some(command)) =
        (error.get(ContextKind::InvalidArg), error.kind(), command)
    else {
        return None;
    };
    let first = command.split(' ').next();
    let commands = words.iter().position(|word| Some(word.as_str()) == first)?;
    let options = words
        .iter()
        .position(|word| word.starts_with(option.as_str()))?;
    let known = has_option(command, option);
    (known && options < commands).then(|| {
        Description::new(
            CODE,
            Exit::Refused,
            format!("`{option}` is no global option: it goes after the command"),
        )
        .hint(format!(
            "perhaps you mean `grace-migrate {command} {option} …`"
        ))
        .hint(format!(
            "see how it is used: `grace-migrate {command} --help`"
        ))
    })
}

/// Whether a command has an option of this name.
fn has_option(command: &str, option: &str) -> bool {
    let mut at = Cli::command();
    for name in command.split(' ') {
        match at.find_subcommand(name) {
            Some(found) => at = found.clone(),
            None => return false,
        }
    }
    at.get_arguments().any(|argument| {
        let long = argument.get_long().map(|name| format!("--{name}"));
        let short = argument.get_short().map(|name| format!("-{name}"));
        [long, short]
            .into_iter()
            .flatten()
            .any(|name| name == option)
    })
}

fn describe(error: &clap::Error, command: Option<&str>) -> Description {
    let whole = whole(command);
    let text = |kind| error.get(kind).map(ToString::to_string);
    let many = |kind| match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    };
    let argument = text(ContextKind::InvalidArg).unwrap_or_default();
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    let said = |message: String| Description::new(CODE, Exit::Refused, message);
    let described = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let name = text(ContextKind::InvalidSubcommand).unwrap_or_default();
            said(format!("there is no command `{name}`"))
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            said(format!("`{whole}` wants a command"))
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            said(format!("`{whole}` has no option `{argument}`"))
        }
        ErrorKind::UnknownArgument => said(format!(
            "`{whole}` does not know what to do with `{argument}`"
        )),
        ErrorKind::InvalidValue if value.is_empty() => said(format!("`{argument}` wants a value")),
        ErrorKind::InvalidValue => said(format!("`{argument}` cannot be `{value}`")),
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(error)
                .map_or_else(String::new, |source| format!(": {source}"));
            said(format!("`{argument}` cannot be `{value}`{reason}"))
        }
        ErrorKind::ArgumentConflict => {
            let others = many(ContextKind::PriorArg);
            match others.as_slice() {
                [other] if *other == argument => said(format!("`{argument}` was given twice")),
                [] => said(format!("`{argument}` does not go with the other options")),
                others => said(format!(
                    "`{argument}` and `{}` exclude each other",
                    others.join("`, `")
                )),
            }
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = many(ContextKind::InvalidArg).join("`, `");
            said(format!("`{whole}` wants `{missing}`"))
        }
        _ => {
            let shown = error.to_string();
            let first = shown.lines().next().unwrap_or_default();
            said(first.trim_start_matches("error: ").to_owned())
        }
    };
    let possible = many(ContextKind::ValidValue);
    let described = if possible.is_empty() {
        described
    } else {
        described.fact(["it can be", &possible.join(", ")])
    };
    let nearest = many(ContextKind::SuggestedSubcommand)
        .into_iter()
        .rev()
        .map(|name| format!("grace-migrate {name}"))
        .chain(many(ContextKind::SuggestedArg))
        .chain(many(ContextKind::SuggestedValue))
        .take(2);
    nearest
        .fold(described, |described, near| {
            described.hint(format!("perhaps you mean `{near}`"))
        })
        .hint(format!("see how it is used: `{whole} --help`"))
}
