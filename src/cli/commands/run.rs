use super::graph::say_if_empty;
use crate::cli::args::{
    DowngradeArgs, EnsureVersionArgs, Format, LocksArgs, Output, RunOptions, SetupArgs, StampArgs,
    UpgradeArgs,
};
use crate::cli::context::Context;
use crate::graph::{Target, TargetRange};
use crate::migrator::report::RunReport;
use crate::migrator::{
    Error, OfflineStart, RunAnswer, RunMode, RunRequest, StampAnswer, StampRequest,
};
use crate::render::{self, Exit, Style};
use crate::revision::Direction;

pub(in crate::cli) fn upgrade(args: &UpgradeArgs, context: &Context) -> Result<Exit, Error> {
    let run = Run {
        command: "upgrade",
        direction: Direction::Upgrade,
        target: &args.target,
        from_history: false,
        rls_gate: args.gate.wanted(),
        options: &args.options,
        output: args.output,
    };
    run.go(context)
}

pub(in crate::cli) fn downgrade(args: &DowngradeArgs, context: &Context) -> Result<Exit, Error> {
    let run = Run {
        command: "downgrade",
        direction: Direction::Downgrade,
        target: &args.target,
        from_history: args.from_history,
        rls_gate: None,
        options: &args.options,
        output: args.output,
    };
    run.go(context)
}

/// What `upgrade` and `downgrade` have in common: all but the direction.
struct Run<'a> {
    command: &'static str,
    direction: Direction,
    target: &'a str,
    from_history: bool,
    rls_gate: Option<bool>,
    options: &'a RunOptions,
    output: Output,
}

impl Run<'_> {
    fn go(&self, context: &Context) -> Result<Exit, Error> {
        if self.options.sql {
            return self.offline(context);
        }
        if self.target.contains(':') {
            TargetRange::parse(self.target)?;
            return Err(Error::RangeNeedsSql {
                direction: self.direction,
                range: self.target.to_owned(),
            });
        }
        let request = self.request()?;
        let migrator = if self.from_history {
            context.migrator_with_gaps(Some(self.options))?
        } else {
            context.migrator(Some(self.options))?
        };
        let answer = context.block_on(async |control| migrator.run(&request, control).await)?;
        match answer {
            RunAnswer::Report(report) => {
                answer_run(context, self.output.format, self.command, &report);
                say_if_empty(context, migrator.versions().graph.len());
            }
            RunAnswer::Plan(plan) => {
                context.answer(self.output.format, self.command, &plan, render::plan);
            }
        }
        Ok(Exit::Done)
    }

    fn request(&self) -> Result<RunRequest, Error> {
        Ok(RunRequest {
            direction: self.direction,
            target: Target::parse(self.target)?,
            mode: mode(self.options),
            tag: self.options.tag.clone(),
            from_history: self.from_history,
            rls_gate: self.rls_gate,
        })
    }

    fn offline(&self, context: &Context) -> Result<Exit, Error> {
        let start = if self.target.contains(':') {
            OfflineStart::Range(TargetRange::parse(self.target)?)
        } else {
            OfflineStart::Database(Target::parse(self.target)?)
        };
        let migrator = context.migrator(Some(self.options))?;
        let tag = self.options.tag.as_deref();
        let report = context.block_on(async |control| {
            migrator.offline(self.direction, &start, tag, control).await
        })?;
        context.answer(self.output.format, self.command, &report, |report, _| {
            report.sql.clone()
        });
        Ok(Exit::Done)
    }
}

fn mode(options: &RunOptions) -> RunMode {
    if options.dry_run {
        RunMode::DryRun
    } else if options.rehearse {
        RunMode::Rehearse
    } else {
        RunMode::Run
    }
}

/// The end of a run on stdout; its steps were told on stderr, unless that was to be quiet.
fn answer_run(context: &Context, format: Format, command: &'static str, report: &RunReport) {
    let text: fn(&RunReport, &Style) -> String = if context.terminal.quiet {
        render::run
    } else {
        render::run_end
    };
    context.answer(format, command, report, text);
}

pub(in crate::cli) fn setup(args: &SetupArgs, context: &Context) -> Result<Exit, Error> {
    if args.options.sql {
        return Err(Error::NotForSetup { option: "--sql" });
    }
    let request = RunRequest {
        direction: Direction::Upgrade,
        target: Target::parse(&args.target)?,
        mode: mode(&args.options),
        tag: args.options.tag.clone(),
        from_history: false,
        rls_gate: None,
    };
    if request.mode != RunMode::Run {
        let option = if args.options.dry_run {
            "--dry-run"
        } else {
            "--rehearse"
        };
        return Err(Error::NotForSetup { option });
    }
    let migrator = context.migrator(Some(&args.options))?;
    let report = context.block_on(async |control| migrator.setup(&request, control).await)?;
    context.answer(args.output.format, "setup", &report, render::setup);
    Ok(Exit::Done)
}

pub(in crate::cli) fn stamp(args: &StampArgs, context: &Context) -> Result<Exit, Error> {
    if args.sql {
        return stamp_offline(args, context);
    }
    let accepted = targets(&args.accept_edit)?;
    let targets = targets(&args.targets)?;
    let migrator = context.migrator(args.pooling)?;
    if !accepted.is_empty() {
        let report = context.block_on(async |control| {
            migrator
                .accept_edits(&accepted, args.tag.clone(), control)
                .await
        })?;
        context.answer(args.output.format, "stamp", &report, render::run);
        if report.accepted_edits.is_empty() {
            let said = render::nothing_to_accept(&report.targets);
            context.terminal.say(&said);
        }
        return Ok(Exit::Done);
    }
    let request = StampRequest {
        targets,
        purge: args.purge,
        dry_run: args.dry_run,
        tag: args.tag.clone(),
    };
    match context.block_on(async |control| migrator.stamp(&request, control).await)? {
        StampAnswer::Report(report) => {
            context.answer(args.output.format, "stamp", &report, render::run);
        }
        StampAnswer::Plan(plan) => {
            context.answer(args.output.format, "stamp", &plan, render::plan);
        }
    }
    Ok(Exit::Done)
}

fn targets(texts: &[String]) -> Result<Vec<Target>, Error> {
    Ok(texts
        .iter()
        .map(|text| Target::parse(text))
        .collect::<Result<_, _>>()?)
}

fn stamp_offline(args: &StampArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator(args.pooling)?;
    let report = match args.targets.as_slice() {
        [range] if range.contains(':') => {
            let range = TargetRange::parse(range)?;
            migrator.stamp_offline_range(&range, args.tag.as_deref())?
        }
        texts => {
            let request = StampRequest {
                targets: targets(texts)?,
                purge: args.purge,
                dry_run: true,
                tag: args.tag.clone(),
            };
            context.block_on(async |control| migrator.stamp_offline(&request, control).await)?
        }
    };
    context.answer(args.output.format, "stamp", &report, |report, _| {
        report.sql.clone()
    });
    Ok(Exit::Done)
}

pub(in crate::cli) fn ensure_version(
    args: &EnsureVersionArgs,
    context: &Context,
) -> Result<Exit, Error> {
    let migrator = context.migrator(args.pooling)?;
    let report = context.block_on(async |control| migrator.ensure_version(control).await)?;
    context.answer(
        args.output.format,
        "ensure-version",
        &report,
        |report, _| {
            let table = &report.destination.version_table;
            if report.created {
                format!("created {table}\n")
            } else {
                format!("{table} is there already\n")
            }
        },
    );
    Ok(Exit::Done)
}

pub(in crate::cli) fn locks(args: &LocksArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator(None)?;
    let report = context.block_on(async |control| migrator.locks(control).await)?;
    context.answer(args.output.format, "locks", &report, render::locks);
    let hint = render::locks_hint(&report, &context.terminal.talk);
    context.terminal.say(&hint);
    Ok(Exit::Done)
}
