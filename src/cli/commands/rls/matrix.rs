use crate::cli::args::{MatrixFormat, RlsMatrixArgs};
use crate::cli::context::Context;
use crate::migrator::{Error, KeptMatrix, MatrixRequest};
use crate::render::{self, Exit};

pub(super) fn matrix(args: &RlsMatrixArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator(None)?;
    let expect = match &args.expect {
        None => None,
        Some(None) => Some(KeptMatrix::OfSettings),
        Some(Some(file)) => Some(KeptMatrix::File(context.folder()?.join(file))),
    };
    let request = MatrixRequest {
        tables: args.tables.clone(),
        actors: args.actors.clone(),
        expect,
        write: args.write,
        read_only: args.read_only,
    };
    let report = context.block_on(async |control| migrator.rls_matrix(&request, control).await)?;
    let text = match args.format {
        MatrixFormat::Text => render::rls_matrix(&report, &context.terminal.out),
        MatrixFormat::Json => render::json("rls matrix", &report),
        MatrixFormat::Markdown => render::rls_matrix_markdown(&report),
    };
    context.terminal.print(&text);
    if args.format != MatrixFormat::Json {
        let summary = render::rls_matrix_summary(&report, &context.terminal.talk);
        context.terminal.say(&summary);
    }
    Ok(if report.differs() {
        Exit::No
    } else {
        Exit::Done
    })
}
