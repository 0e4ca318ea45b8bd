use crate::cli::args::{ExplainedCommand, RlsExplainArgs};
use crate::cli::context::Context;
use crate::migrator::{Asker, Error, ExplainRequest};
use crate::render::{self, Exit};
use crate::schema::Privilege;

pub(super) fn explain(args: &RlsExplainArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator(None)?;
    let asker = match (&args.actor, &args.role) {
        (None, Some(role)) => Asker::Role {
            role: role.clone(),
            claims: args.claims.as_ref().map(|claims| claims.0.clone()),
        },
        (actor, _) => Asker::Actor(actor.clone().unwrap_or_default()),
    };
    let request = ExplainRequest {
        asker,
        table: args.table.clone(),
        row: args.row.clone(),
        set: args.set.clone(),
        command: match args.command {
            ExplainedCommand::Select => Privilege::Select,
            ExplainedCommand::Insert => Privilege::Insert,
            ExplainedCommand::Update => Privilege::Update,
            ExplainedCommand::Delete => Privilege::Delete,
        },
        returning: args.returning,
        fixtures: args.fixtures,
    };
    let report = context.block_on(async |control| migrator.rls_explain(&request, control).await)?;
    context.answer(
        args.output.format,
        "rls explain",
        &report,
        render::rls_explain,
    );
    Ok(Exit::Done)
}
