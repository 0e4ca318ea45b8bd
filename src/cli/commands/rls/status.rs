use crate::cli::args::{Format, RlsStatusArgs};
use crate::cli::context::Context;
use crate::migrator::Error;
use crate::render::{self, Exit};

pub(super) fn status(args: &RlsStatusArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator(None)?;
    let report =
        context.block_on(async |control| migrator.rls_status(&args.schemas, control).await)?;
    context.answer(
        args.output.format,
        "rls status",
        &report,
        render::rls_status,
    );
    if args.output.format == Format::Text {
        let summary = render::rls_status_summary(&report, &context.terminal.talk);
        context.terminal.say(&summary);
    }
    Ok(Exit::Done)
}
