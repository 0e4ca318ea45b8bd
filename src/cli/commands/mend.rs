use crate::cli::args::{Format, RepairArgs, VerifyArgs};
use crate::cli::ask;
use crate::cli::context::Context;
use crate::migrator::report::Repair;
use crate::migrator::{Error, RepairRequest};
use crate::render::{self, Exit};

pub(in crate::cli) fn verify(args: &VerifyArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator_with_gaps(None)?;
    let report = context.block_on(async |control| migrator.verify(control).await)?;
    context.answer(args.output.format, "verify", &report, render::verify);
    Ok(if report.agrees { Exit::Done } else { Exit::No })
}

pub(in crate::cli) fn repair(args: &RepairArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator(args.pooling)?;
    let request = RepairRequest {
        remove_unknown: args.remove_unknown,
        dry_run: args.dry_run,
        tag: args.tag.clone(),
    };
    let confirm = async |planned: &Repair| {
        if args.yes {
            return true;
        }
        let terminal = &context.terminal;
        terminal.complain(&render::repair(planned, &terminal.talk));
        ask::without_blocking(terminal, "make these changes?").await == Some(true)
    };
    let report =
        context.block_on(async |control| migrator.repair(&request, confirm, control).await)?;
    let was_shown = !args.yes && report.run_id.is_some() && args.output.format == Format::Text;
    let text = if was_shown {
        render::repair_end
    } else {
        render::repair
    };
    context.answer(args.output.format, "repair", &report, text);
    Ok(if report.undecided.is_empty() {
        Exit::Done
    } else {
        Exit::No
    })
}
