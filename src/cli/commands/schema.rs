use super::generate::{option_of, way};
use crate::cli::args::{
    CacheArgs, DiffArgs, DiffFormat, ErdFormat, Format, SchemaCommand, SchemaDumpArgs,
    SchemaErdArgs, ScopeArgs,
};
use crate::cli::context::Context;
use crate::migrator::report::SchemaDump;
use crate::migrator::{
    DiffRequest, DumpRequest, ErdRequest, Error, HereRequest, Migrator, StateSpec,
};
use crate::render::{self, Exit};
use crate::schema::facts::{Pattern, Scope};

pub(in crate::cli) fn schema(command: &SchemaCommand, context: &Context) -> Result<Exit, Error> {
    match command {
        SchemaCommand::Dump(args) => dump(args, context),
        SchemaCommand::Erd(args) => erd(args, context),
    }
}

pub(super) fn scope(args: &ScopeArgs) -> Scope {
    let patterns = |texts: &[String]| -> Vec<Pattern> {
        texts.iter().map(|text| Pattern::parse(text)).collect()
    };
    Scope {
        include: patterns(&args.include),
        exclude: patterns(&args.exclude),
    }
}

/// The project, its files looked at only where a state wants them.
fn migrator(context: &Context, specs: &[&StateSpec], cache: CacheArgs) -> Result<Migrator, Error> {
    let migrator = if specs.iter().any(|spec| spec.needs_files()) {
        context.migrator(None)
    } else {
        context.migrator_without_files(None)
    };
    Ok(migrator?.with_replays(cache.replays()))
}

fn dump(args: &SchemaDumpArgs, context: &Context) -> Result<Exit, Error> {
    let folder = context.folder()?;
    let request = DumpRequest {
        state: StateSpec::parse(&args.state, &folder)?,
        scope: scope(&args.scope),
        strict: args.scope.strict,
    };
    let migrator = migrator(context, &[&request.state], args.cache)?;
    let report = context.block_on(async |control| migrator.schema_dump(&request, control).await)?;
    let sql = render::schema_dump(&report);
    let is_written = args.output_file.is_some() || args.split.is_some();
    if let Some(file) = &args.output_file {
        SchemaDump::write_file(&folder.join(file), &sql)?;
    }
    if let Some(split) = &args.split {
        let others = report.write_split(&folder.join(split))?;
        if !others.is_empty() {
            let text = render::files_that_stay(split, &others, &context.terminal.talk);
            context.terminal.say(&text);
        }
    }
    match args.output.format {
        Format::Json => context
            .terminal
            .print(&render::json("schema dump", &report)),
        Format::Text => {
            if !is_written {
                context.terminal.print(&sql);
            }
            let summary = render::schema_dump_summary(&report, &context.terminal.talk);
            context.terminal.say(&summary);
        }
    }
    Ok(Exit::Done)
}

fn erd(args: &SchemaErdArgs, context: &Context) -> Result<Exit, Error> {
    let folder = context.folder()?;
    let request = ErdRequest {
        state: StateSpec::parse(&args.state, &folder)?,
        scope: scope(&args.scope),
        strict: args.scope.strict,
    };
    let migrator = migrator(context, &[&request.state], args.cache)?;
    let report = context.block_on(async |control| migrator.schema_erd(&request, control).await)?;
    let drawing = match args.format {
        ErdFormat::Mermaid => render::erd::mermaid(&report.diagram),
        ErdFormat::Svg => render::erd::svg(&report.diagram),
        ErdFormat::Json => render::json("schema erd", &report),
    };
    match &args.output_file {
        Some(file) => SchemaDump::write_file(&folder.join(file), &drawing)?,
        None => context.terminal.print(&drawing),
    }
    if args.format != ErdFormat::Json {
        context.terminal.say(&render::schema_erd_summary(&report));
    }
    Ok(Exit::Done)
}

pub(in crate::cli) fn diff(args: &DiffArgs, context: &Context) -> Result<Exit, Error> {
    let Some(from) = &args.from else {
        return differences(args, context);
    };
    let folder = context.folder()?;
    let request = DiffRequest {
        from: StateSpec::parse(from, &folder)?,
        to: StateSpec::parse(args.to.as_deref().unwrap_or("db"), &folder)?,
        scope: scope(&args.scope),
        strict: args.scope.strict,
    };
    let migrator = migrator(context, &[&request.from, &request.to], args.cache)?;
    if args.format == DiffFormat::Sql {
        return sql(&migrator, &request, args, context);
    }
    refuse(args)?;
    let report = context.block_on(async |control| migrator.schema_diff(&request, control).await)?;
    let style = &context.terminal.out;
    context.terminal.print(&match args.format {
        DiffFormat::Text | DiffFormat::Sql => render::schema_diff(&report, style),
        DiffFormat::Unified => render::schema_diff_unified(&report, style),
        DiffFormat::Json => render::json("diff", &report),
    });
    if args.format == DiffFormat::Text {
        let summary = render::schema_diff_summary(&report, &context.terminal.talk);
        context.terminal.say(&summary);
    }
    Ok(if report.differs() {
        Exit::No
    } else {
        Exit::Done
    })
}

/// `diff --format sql`.
fn sql(
    migrator: &Migrator,
    request: &DiffRequest,
    args: &DiffArgs,
    context: &Context,
) -> Result<Exit, Error> {
    let way = way(&args.way)?;
    let report =
        context.block_on(async |control| migrator.schema_sql(request, &way, control).await)?;
    context.terminal.print(&report.sql);
    let summary = render::schema_sql_summary(&report, &context.terminal.talk);
    context.terminal.say(&summary);
    Ok(if report.sql.is_empty() {
        Exit::Done
    } else {
        Exit::No
    })
}

/// Refuses options that mean nothing without `--format sql`.
fn refuse(args: &DiffArgs) -> Result<(), Error> {
    match option_of(&args.way) {
        Some(option) => Err(Error::OptionNeeds {
            option,
            needed: "--format sql",
        }),
        None => Ok(()),
    }
}

/// `diff` without states.
fn differences(args: &DiffArgs, context: &Context) -> Result<Exit, Error> {
    if args.format == DiffFormat::Sql {
        return Err(Error::OptionNeeds {
            option: "--format sql",
            needed: "a state to begin at, as in `diff db current` and `diff heads schema`",
        });
    }
    refuse(args)?;
    let request = HereRequest {
        scope: scope(&args.scope),
        strict: args.scope.strict,
    };
    let migrator = context.migrator_with_gaps(None)?;
    let migrator = migrator.with_replays(args.cache.replays());
    let report = context.block_on(async |control| migrator.differences(&request, control).await)?;
    let style = &context.terminal.out;
    context.terminal.print(&match args.format {
        DiffFormat::Text | DiffFormat::Sql => render::differences(&report, style),
        DiffFormat::Unified => render::differences_unified(&report, style),
        DiffFormat::Json => render::json("diff", &report),
    });
    if args.format != DiffFormat::Json {
        let summary = render::differences_summary(&report, &context.terminal.talk);
        context.terminal.say(&summary);
    }
    Ok(if report.differs() {
        Exit::No
    } else {
        Exit::Done
    })
}
