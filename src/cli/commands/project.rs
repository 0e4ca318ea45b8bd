use std::collections::BTreeMap;
use std::path::PathBuf;

use super::generate;
use crate::cli::args::{
    ConfigArgs, EditArgs, Format, InitArgs, MergeArgs, MigrateArgs, NewArgs, RevisionArgs,
    TemplatesArgs,
};
use crate::cli::context::Context;
use crate::cli::editor;
use crate::graph::Target;
use crate::migrator::report::NewRevision;
use crate::migrator::{Error, RevisionRequest, config_report, init_project};
use crate::render::{self, Exit};

pub(in crate::cli) fn init(args: &InitArgs, context: &Context) -> Result<Exit, Error> {
    let here = context.folder()?;
    // Without the `.` parts that a person may type.
    let folder: PathBuf = here.join(&args.folder).components().collect();
    let report = init_project(&folder)?;
    context.answer(args.output.format, "init", &report, |report, style| {
        render::init(report, &here, style)
    });
    Ok(Exit::Done)
}

pub(in crate::cli) fn revision(args: &RevisionArgs, context: &Context) -> Result<Exit, Error> {
    if args.autogenerate {
        return generate::generate(
            "revision",
            &args.new,
            &args.generate,
            args.output.format,
            context,
        );
    }
    generate::refuse(&args.generate)?;
    let request = RevisionRequest {
        template: args.template.clone(),
        tables: args.table.clone(),
        variables: pairs(&args.set)?,
        ..new(&args.new)?
    };
    let migrator = context.migrator(None)?;
    let report = if request.tables.is_empty() {
        migrator.new_revision(&request)?
    } else {
        context.block_on(async |control| migrator.new_rls_revision(&request, control).await)?
    };
    say_new(context, args.output.format, "revision", &report);
    if args.new.edit {
        open(context, &report.created)?;
    }
    Ok(Exit::Done)
}

pub(in crate::cli) fn migrate(args: &MigrateArgs, context: &Context) -> Result<Exit, Error> {
    generate::generate(
        "migrate",
        &args.new,
        &args.generate,
        args.output.format,
        context,
    )
}

/// What a new revision is to be, whatever its scripts are.
pub(super) fn new(args: &NewArgs) -> Result<RevisionRequest, Error> {
    Ok(RevisionRequest {
        message: args.message.clone(),
        id: args.rev_id.clone(),
        heads: targets(&args.head)?,
        splice: args.splice,
        labels: args.branch_label.clone(),
        depends_on: targets(&args.depends_on)?,
        version_path: args.version_path.clone(),
        irreversible: args.irreversible.clone(),
        ..RevisionRequest::default()
    })
}

/// Opens files of the project in the editor.
pub(super) fn open(context: &Context, files: &[PathBuf]) -> Result<(), Error> {
    let root = context.settings(None)?.root;
    let files = files.iter().map(|file| root.join(file)).collect();
    editor::open(&context.environment, files).map(|_| ())
}

pub(in crate::cli) fn merge(args: &MergeArgs, context: &Context) -> Result<Exit, Error> {
    let request = RevisionRequest {
        message: args.message.clone(),
        id: args.rev_id.clone(),
        heads: targets(&args.targets)?,
        splice: args.splice,
        labels: args.branch_label.clone(),
        version_path: args.version_path.clone(),
        ..RevisionRequest::default()
    };
    let report = context.migrator(None)?.merge(&request)?;
    say_new(context, args.output.format, "merge", &report);
    Ok(Exit::Done)
}

fn say_new(context: &Context, format: Format, command: &'static str, report: &NewRevision) {
    for warning in &report.warnings {
        let text = render::diagnostic(warning, &context.terminal.talk);
        context.terminal.say(&text);
    }
    context.answer(format, command, report, render::new_revision);
}

pub(in crate::cli) fn edit(args: &EditArgs, context: &Context) -> Result<Exit, Error> {
    let target = Target::parse(&args.target)?;
    let migrator = context.migrator(None)?;
    let files: Vec<PathBuf> = if target.names_current() {
        context.block_on(async |control| migrator.files_of(&target, args.down, control).await)?
    } else {
        migrator.files_of_target(&target, args.down)?
    };
    if files.is_empty() {
        return Err(Error::NotOneRevision {
            target: args.target.clone(),
            revisions: Vec::new(),
        });
    }
    let mut report = editor::open(&context.environment, files)?;
    for file in &mut report.opened {
        *file = migrator.settings().shown(file).to_owned();
    }
    context.answer(args.output.format, "edit", &report, render::edit);
    Ok(Exit::Done)
}

pub(in crate::cli) fn templates(args: &TemplatesArgs, context: &Context) -> Result<Exit, Error> {
    let report = context.migrator(None)?.templates()?;
    context.answer(args.output.format, "templates", &report, |report, _| {
        report
            .templates
            .iter()
            .map(|name| format!("{name}\n"))
            .collect()
    });
    Ok(Exit::Done)
}

pub(in crate::cli) fn config(args: &ConfigArgs, context: &Context) -> Result<Exit, Error> {
    let report = config_report(&context.settings(None)?);
    context.answer(args.output.format, "config", &report, render::config);
    Ok(Exit::Done)
}

fn targets(texts: &[String]) -> Result<Vec<Target>, Error> {
    Ok(texts
        .iter()
        .map(|text| Target::parse(text))
        .collect::<Result<_, _>>()?)
}

fn pairs(texts: &[String]) -> Result<BTreeMap<String, String>, Error> {
    texts
        .iter()
        .map(|text| {
            let (key, value) = text
                .split_once('=')
                .ok_or_else(|| Error::NotAPair { text: text.clone() })?;
            Ok((key.trim().to_owned(), value.to_owned()))
        })
        .collect()
}
