use crate::cli::args::{CompletionsArgs, ManArgs, completions as script, manual};
use crate::cli::context::Context;
use crate::migrator::Error;
use crate::render::Exit;

pub(in crate::cli) fn completions(args: &CompletionsArgs, context: &Context) -> Exit {
    context.terminal.print_bytes(&script(args.shell));
    Exit::Done
}

pub(in crate::cli) fn man(args: &ManArgs, context: &Context) -> Result<Exit, Error> {
    let page = manual(&args.command).map_err(|source| Error::NoRuntime {
        reason: source.to_string(),
    })?;
    match page {
        Some(page) => {
            context.terminal.print_bytes(&page);
            Ok(Exit::Done)
        }
        None => Err(Error::NoSuchCommand {
            name: args.command.join(" "),
        }),
    }
}
