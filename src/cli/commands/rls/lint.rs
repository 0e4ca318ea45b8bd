use crate::cli::args::{FailOn, LintFormat, RlsLintArgs};
use crate::cli::context::Context;
use crate::diagnostic::Severity;
use crate::migrator::Error;
use crate::render::{self, Exit};

pub(super) fn lint(args: &RlsLintArgs, context: &Context) -> Result<Exit, Error> {
    let migrator = context.migrator(None)?;
    let report =
        context.block_on(async |control| migrator.rls_lint(&args.schemas, control).await)?;
    let text = match args.format {
        LintFormat::Text => render::rls_lint(&report, &context.style(args.verbose)),
        LintFormat::Json => render::json("rls lint", &report),
        LintFormat::Sarif => render::rls_lint_sarif(&report),
    };
    context.terminal.print(&text);
    if args.format == LintFormat::Text {
        let summary = render::rls_lint_summary(&report, &context.terminal.talk);
        context.terminal.say(&summary);
    }
    let severity = match args.fail_on {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
        FailOn::Note => Severity::Note,
    };
    Ok(if report.fails_on(severity) {
        Exit::No
    } else {
        Exit::Done
    })
}
