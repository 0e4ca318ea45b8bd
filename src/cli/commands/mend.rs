use crate::cli::args::VerifyArgs;
use crate::cli::context::Context;
use crate::migrator::Error;
use crate::render::{self, Exit};

pub(in crate::cli) fn verify(args: &VerifyArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator_with_gaps(None)?;
    let report = context.block_on(async |control| migrator.verify(control).await)?;
    context.answer(args.output.format, "verify", &report, render::verify);
    Ok(if report.agrees { Exit::Done } else { Exit::No })
}
