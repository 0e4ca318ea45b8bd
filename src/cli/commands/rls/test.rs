use crate::cli::args::{Format, RlsTestArgs, TestFormat};
use crate::cli::context::Context;
use crate::migrator::{Error, PolicyTestRequest};
use crate::render::{self, Exit};

pub(super) fn test(args: &RlsTestArgs, context: &Context) -> Result<Exit, Error> {
    let folder = context.folder()?;
    let migrator = context.migrator(None)?;
    let tests = migrator.policy_tests(&PolicyTestRequest {
        files: args.files.iter().map(|file| folder.join(file)).collect(),
        filter: args.filter.clone(),
    })?;
    if args.pgtap {
        context.terminal.print(&render::rls_test_pgtap(&tests));
        return Ok(Exit::Done);
    }
    if args.list {
        let format = match args.format {
            TestFormat::Json => Format::Json,
            TestFormat::Text | TestFormat::Junit | TestFormat::Tap => Format::Text,
        };
        context.answer(format, "rls test", &tests.list(), render::rls_test_list);
        return Ok(Exit::Done);
    }
    let report = context
        .block_on(async |control| migrator.rls_test(&tests, args.fail_fast, control).await)?;
    let text = match args.format {
        TestFormat::Text => render::rls_test(&report, &context.terminal.out),
        TestFormat::Json => render::json("rls test", &report),
        TestFormat::Junit => render::rls_test_junit(&report),
        TestFormat::Tap => render::rls_test_tap(&report),
    };
    context.terminal.print(&text);
    let summary = render::rls_test_summary(&report, &context.terminal.talk);
    context.terminal.say(&summary);
    Ok(if report.failed > 0 {
        Exit::No
    } else {
        Exit::Done
    })
}
