use std::process::Command;

use crate::cli::args::{DbCommand, DbReset, DbShell, Format};
use crate::cli::ask;
use crate::cli::context::Context;
use crate::migrator::report::DatabaseStatus;
use crate::migrator::{EmbeddedServer, Error};
use crate::render::{self, Exit};

pub(in crate::cli) fn db(command: &DbCommand, context: &Context) -> Result<Exit, Error> {
    let server = EmbeddedServer::of(context.settings(None)?, context.environment.clone())?;
    match command {
        DbCommand::Start(args) => {
            let status = context.block_on(async |control| server.start(control).await)?;
            answer(context, args.output.format, "db start", &status);
        }
        DbCommand::Stop(args) => {
            let status = context.block_on(async |_| server.stop(args.force).await)?;
            answer(context, args.output.format, "db stop", &status);
        }
        DbCommand::Status(args) => {
            let status = server.status()?;
            answer(context, args.output.format, "db status", &status);
        }
        DbCommand::Url(args) => {
            let status = server.status()?;
            let url = status.url.clone().ok_or(Error::ServerNotRunning)?;
            context.answer(args.output.format, "db url", &status, |_, _| {
                format!("{url}\n")
            });
        }
        DbCommand::Shell(args) => return shell(&server, args, context),
        DbCommand::Reset(args) => return reset(&server, args, context),
    }
    Ok(Exit::Done)
}

fn answer(context: &Context, format: Format, command: &'static str, status: &DatabaseStatus) {
    context.answer(format, command, status, render::database_status);
}

/// psql in place of us, until it ends; the server runs at least as long.
fn shell(server: &EmbeddedServer, args: &DbShell, context: &Context) -> Result<Exit, Error> {
    let psql = server.psql()?.unwrap_or_else(|| "psql".into());
    context.block_on(async |control| {
        let running = server.join(control).await?;
        let status = Command::new(&psql)
            .arg(running.url())
            .args(&args.arguments)
            .status();
        running.leave().await?;
        match status {
            Ok(status) if status.success() => Ok(Exit::Done),
            Ok(_) => Ok(Exit::No),
            Err(source) => Err(Error::NoProgram {
                program: psql.display().to_string(),
                reason: source.to_string(),
            }),
        }
    })
}

fn reset(server: &EmbeddedServer, args: &DbReset, context: &Context) -> Result<Exit, Error> {
    if !args.yes && !confirmed(server, context)? {
        return Err(Error::Unconfirmed {
            command: "db reset",
        });
    }
    let status = context.block_on(async |_| server.reset(args.force).await)?;
    answer(context, args.output.format, "db reset", &status);
    Ok(Exit::Done)
}

fn confirmed(server: &EmbeddedServer, context: &Context) -> Result<bool, Error> {
    let data = server.status()?.data;
    let question = format!("delete the embedded server's data in {}?", data.display());
    Ok(ask::and_wait(&context.terminal, &question))
}
