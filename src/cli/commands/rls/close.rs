use crate::cli::args::{Format, RlsCloseArgs, RlsOpenArgs};
use crate::cli::context::Context;
use crate::migrator::{CloseRequest, Error, OpenRequest};
use crate::render::{self, Exit};

pub(super) fn close(args: &RlsCloseArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator_without_files(args.pooling)?;
    let request = CloseRequest {
        tables: args.tables.clone(),
        reason: args.reason.clone(),
        trusted: args.trusted,
        dry_run: args.dry_run,
    };
    let report = context.block_on(async |control| migrator.rls_close(&request, control).await)?;
    context.answer(args.output.format, "rls close", &report, render::rls_close);
    if args.output.format == Format::Text {
        let summary = render::rls_close_summary(&report, &context.terminal.talk);
        context.terminal.say(&summary);
    }
    Ok(Exit::Done)
}

pub(super) fn open(args: &RlsOpenArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator_without_files(args.pooling)?;
    let request = OpenRequest {
        tables: args.tables.clone(),
        reason: args.reason.clone(),
        dry_run: args.dry_run,
    };
    let report = context.block_on(async |control| migrator.rls_open(&request, control).await)?;
    context.answer(args.output.format, "rls open", &report, render::rls_open);
    if args.output.format == Format::Text {
        let summary = render::rls_open_summary(&report, &context.terminal.talk);
        context.terminal.say(&summary);
    }
    Ok(Exit::Done)
}
