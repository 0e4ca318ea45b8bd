//! The program: arguments in, exit code out.

use std::process::ExitCode;

use super::args::{Cli, ColorWhen, Command, Format, Misuse, Parsed};
use super::commands::{check, graph, mend, pages, project, rls, run, schema, server, test};
use super::context::Context;
use super::secrets;
use super::terminal::Terminal;
use crate::config::Environment;
use crate::migrator::Error;
use crate::render::{self, Description, Exit};

/// Runs the program with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let environment = Environment::of_process();
    let cli = match Cli::from_process() {
        Parsed::Cli(cli) => *cli,
        Parsed::Shown(code) => return code,
        Parsed::Misuse(misuse) => {
            let terminal = Terminal::new(ColorWhen::Auto, false, environment.no_color());
            let Misuse {
                command,
                format,
                description,
            } = *misuse;
            return fail(&terminal, command.as_deref(), format, &description).into();
        }
    };
    let context = Context::new(cli.global, environment);
    let (name, format) = (cli.command.name(), cli.command.format());
    match dispatch(cli.command, &context) {
        Ok(exit) => match context.terminal.failure() {
            Some(error) => {
                let description = render::not_printed(error);
                fail(&context.terminal, Some(name), Format::Text, &description).into()
            }
            None => exit.into(),
        },
        Err(error) => {
            let description = render::describe(&error, name);
            fail(&context.terminal, Some(name), format, &description).into()
        }
    }
}

fn dispatch(command: Command, context: &Context) -> Result<Exit, Error> {
    match command {
        Command::Init(args) => project::init(&args, context),
        Command::Revision(args) => project::revision(&args, context),
        Command::Migrate(args) => project::migrate(&args, context),
        Command::Merge(args) => project::merge(&args, context),
        Command::Edit(args) => project::edit(&args, context),
        Command::Templates(args) => project::templates(&args, context),
        Command::Locks(args) => run::locks(&args, context),
        Command::Rls(args) => rls::rls(&args.command, context),
        Command::Schema(args) => schema::schema(&args.command, context),
        Command::Diff(args) => schema::diff(&args, context),
        Command::Config(args) => project::config(&args, context),
        Command::Upgrade(args) => run::upgrade(&args, context),
        Command::Downgrade(args) => run::downgrade(&args, context),
        Command::Setup(args) => run::setup(&args, context),
        Command::Stamp(args) => run::stamp(&args, context),
        Command::EnsureVersion(args) => run::ensure_version(&args, context),
        Command::Status(args) => graph::status(&args, context),
        Command::Current(args) => graph::current(&args, context),
        Command::Heads(args) => graph::heads(&args, context),
        Command::Branches(args) => graph::branches(&args, context),
        Command::History(args) => graph::history(&args, context),
        Command::Show(args) => graph::show(&args, context),
        Command::Log(args) => graph::log(&args, context),
        Command::Verify(args) => mend::verify(&args, context),
        Command::Repair(args) => mend::repair(&args, context),
        Command::Db(args) => server::db(&args.command, context),
        Command::Check(args) => check::check(&args, context),
        Command::Test(args) => test::test(&args, context),
        Command::Completions(args) => Ok(pages::completions(&args, context)),
        Command::Man(args) => pages::man(&args, context),
    }
}

/// Says what went wrong: to people on stderr, to programs as JSON on stdout too.
fn fail(
    terminal: &Terminal,
    command: Option<&str>,
    format: Format,
    description: &Description,
) -> Exit {
    let arguments = std::env::args_os().skip(1);
    let arguments: Vec<_> = arguments
        .map(|one| one.to_string_lossy().into_owned())
        .collect();
    let description = &secrets::hidden(description, &arguments);
    if format == Format::Json {
        terminal.print(&render::error_json(command, description));
    }
    terminal.complain(&render::error(description, &terminal.talk));
    description.exit
}
