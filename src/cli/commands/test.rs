use super::schema::scope;
use crate::cli::args::{Format, TestArgs};
use crate::cli::context::Context;
use crate::migrator::{Error, RoundTripRequest, Which};
use crate::render::{self, Exit};

pub(in crate::cli) fn test(args: &TestArgs, context: &Context) -> Result<Exit, Error> {
    let which = args.range.as_deref().map(Which::parse).transpose()?;
    let request = RoundTripRequest {
        which,
        changed_since: args.changed_since.clone(),
        data: args.data.clone(),
        folder: context.folder()?,
        scope: scope(&args.scope),
        strict: args.scope.strict,
        jobs: args.jobs,
    };
    let migrator = context.migrator(None)?;
    let report = context.block_on(async |control| migrator.round_trips(&request, control).await)?;
    context.terminal.print(&match args.output.format {
        Format::Text => render::round_trips(&report, &context.terminal.out),
        Format::Json => render::json("test", &render::test_report(&report)),
    });
    let summary = render::round_trips_summary(&report, &context.terminal.talk);
    context.terminal.say(&summary);
    Ok(if report.passed() {
        Exit::Done
    } else {
        Exit::No
    })
}
