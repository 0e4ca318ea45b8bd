use super::{explain, lint, status};
use crate::cli::args::RlsCommand;
use crate::cli::context::Context;
use crate::migrator::Error;
use crate::render::Exit;

pub(in crate::cli) fn rls(command: &RlsCommand, context: &Context) -> Result<Exit, Error> {
    match command {
        RlsCommand::Lint(args) => lint::lint(args, context),
        RlsCommand::Explain(args) => explain::explain(args, context),
        RlsCommand::Status(args) => status::status(args, context),
    }
}
