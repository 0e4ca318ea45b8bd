use super::{close, explain, lint, matrix, status, test};
use crate::cli::args::RlsCommand;
use crate::cli::context::Context;
use crate::migrator::Error;
use crate::render::Exit;

pub(in crate::cli) fn rls(command: &RlsCommand, context: &Context) -> Result<Exit, Error> {
    match command {
        RlsCommand::Close(args) => close::close(args, context),
        RlsCommand::Open(args) => close::open(args, context),
        RlsCommand::Lint(args) => lint::lint(args, context),
        RlsCommand::Matrix(args) => matrix::matrix(args, context),
        RlsCommand::Explain(args) => explain::explain(args, context),
        RlsCommand::Status(args) => status::status(args, context),
        RlsCommand::Test(args) => test::test(args, context),
    }
}
