use crate::cli::args::{
    BranchesArgs, CurrentArgs, Format, HeadsArgs, HistoryArgs, HistoryFormat, LogArgs, ShowArgs,
    StatusArgs,
};
use crate::cli::context::Context;
use crate::graph::{Target, TargetRange};
use crate::migrator::{Error, HistoryRequest};
use crate::render::{self, Exit};

pub(in crate::cli) fn current(args: &CurrentArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator(None)?;
    let report = context.block_on(async |control| migrator.current(args.verbose, control).await)?;
    let style = context.style(args.verbose);
    context.answer(args.output.format, "current", &report, |report, _| {
        render::current(report, &style)
    });
    if args.output.format == Format::Text {
        context
            .terminal
            .say(&render::current_summary(&report, &context.terminal.talk));
    }
    Ok(if args.check_heads && !report.at_head {
        Exit::No
    } else {
        Exit::Done
    })
}

pub(in crate::cli) fn status(args: &StatusArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator(None)?;
    let report = context.block_on(async |control| migrator.status(control).await)?;
    context.answer(args.output.format, "status", &report, render::status);
    Ok(if args.check && !report.is_settled() {
        Exit::No
    } else {
        Exit::Done
    })
}

pub(in crate::cli) fn heads(args: &HeadsArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator(None)?;
    let report = migrator.heads(args.resolve_dependencies);
    let style = context.style(args.verbose);
    say_if_empty(context, migrator.versions().graph.len());
    context.answer(args.output.format, "heads", &report, |report, _| {
        render::heads(report, &style)
    });
    Ok(Exit::Done)
}

pub(in crate::cli) fn branches(args: &BranchesArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator(None)?;
    let report = migrator.branches();
    say_if_empty(context, migrator.versions().graph.len());
    let style = context.style(args.verbose);
    context.answer(args.output.format, "branches", &report, |report, _| {
        render::branches(report, &style)
    });
    Ok(Exit::Done)
}

pub(in crate::cli) fn history(args: &HistoryArgs, context: &Context) -> Result<Exit, Error> {
    let range = args
        .rev_range
        .as_deref()
        .map(TargetRange::parse)
        .transpose()?;
    let migrator = context.migrator(None)?;
    let request = HistoryRequest {
        range,
        indicate_current: args.indicate_current,
        reverse: args.reverse,
        limit: args
            .limit
            .map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
    };
    let report = if request.asks_database() {
        context.block_on(async |control| migrator.history(&request, control).await)?
    } else {
        migrator.history_of_files(&request)?
    };
    let style = context.style(args.verbose);
    let text = match args.format {
        HistoryFormat::Json => render::json("history", &report),
        HistoryFormat::Dot => render::graph::dot(&report),
        HistoryFormat::Mermaid => render::graph::mermaid(&report),
        HistoryFormat::Svg => render::graph::svg(&report),
        HistoryFormat::Text if args.graph => render::graph::terminal(&report, &style),
        HistoryFormat::Text => render::history(&report, &style),
    };
    context.terminal.print(&text);
    say_if_empty(context, migrator.versions().graph.len());
    context.terminal.say(&render::left_off(&report));
    Ok(Exit::Done)
}

/// A project without revisions has nothing to print: that is said.
pub(super) fn say_if_empty(context: &Context, revisions: usize) {
    if revisions == 0 {
        context
            .terminal
            .say(&render::no_revisions(&context.terminal.talk));
    }
}

pub(in crate::cli) fn show(args: &ShowArgs, context: &Context) -> Result<Exit, Error> {
    let target = Target::parse(&args.target)?;
    let migrator = context.migrator(None)?;
    let report = if args.indicate_current || target.names_current() {
        context.block_on(async |control| migrator.show(&target, control).await)?
    } else {
        migrator.show_of_files(&target)?
    };
    context.answer(args.output.format, "show", &report, render::show);
    if report.revisions.is_empty() {
        let revisions = migrator.versions().graph.len();
        let talk = &context.terminal.talk;
        context.terminal.say(&if revisions == 0 {
            render::no_revisions(talk)
        } else {
            render::no_revision_of(&args.target)
        });
    }
    if args.scripts && args.output.format == Format::Text {
        for text in migrator.script_texts(&report)? {
            context.terminal.print(&format!("\n{text}"));
        }
    }
    Ok(Exit::Done)
}

pub(in crate::cli) fn log(args: &LogArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator(None)?;
    let report = context.block_on(async |control| {
        migrator
            .log(args.revision.as_deref(), args.limit, control)
            .await
    })?;
    let style = context.style(args.verbose);
    context.answer(args.output.format, "log", &report, |report, _| {
        render::log(report, &style)
    });
    context
        .terminal
        .say(&render::log_summary(&report, &context.terminal.talk));
    Ok(Exit::Done)
}
