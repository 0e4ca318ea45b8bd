use std::path::{Path, PathBuf};

use crate::cli::args::{CheckArgs, CheckFormat};
use crate::cli::context::Context;
use crate::clock::Clock;
use crate::migrator::{CheckRequest, Error, SeveralHeads, TheDatabase, check_project};
use crate::render::{self, Exit};

pub(in crate::cli) fn check(args: &CheckArgs, context: &Context) -> Result<Exit, Error> {
    let settings = context.settings(None)?;
    let allowed = args.allow_several_heads || settings.check.allow_several_heads.value;
    let parts = args.parts(&settings.check.skip.value);
    let request = CheckRequest {
        named: args.named(),
        parts,
        heads: if allowed {
            SeveralHeads::Allowed
        } else {
            SeveralHeads::Found
        },
        database: if args.offline {
            TheDatabase::LeftAlone
        } else {
            TheDatabase::Asked
        },
        replays: args.cache.replays(),
    };
    let in_repository = within_repository(&settings.root);
    let settings_file = in_repository.join(settings.file.file_name().unwrap_or_default());
    let environment = context.environment.clone();
    let checked = context.block_on(async |control| {
        check_project(settings, environment, Clock::System, &request, control).await
    });
    let checked = match checked {
        Ok(checked) => checked,
        Err(error) => {
            // Those who read the report of a workflow learn of it, too.
            context.terminal.print(&match args.format {
                CheckFormat::Github => render::check_stopped_github(&error),
                CheckFormat::Sarif => render::check_stopped_sarif(&error),
                CheckFormat::Junit => render::check_stopped_junit(&error),
                CheckFormat::Text | CheckFormat::Json => String::new(),
            });
            return Err(error);
        }
    };
    let here = || render::check_report(&checked, Path::new(""));
    let there = || render::check_report(&checked, &in_repository);
    context.terminal.print(&match args.format {
        CheckFormat::Text => render::check(&checked, &context.terminal.out),
        CheckFormat::Json => render::json("check", &here()),
        CheckFormat::Github => render::check_github(&there()),
        CheckFormat::Sarif => render::check_sarif(&there(), &settings_file),
        CheckFormat::Junit => render::check_junit(&there()),
    });
    let summary = render::check_summary(&checked, &context.terminal.talk);
    context.terminal.say(&summary);
    Ok(if checked.is_clean() {
        Exit::Done
    } else {
        Exit::No
    })
}

/// The project's folder within the repository that it lies in: those who read the reports of a
/// workflow know paths from there.
fn within_repository(root: &Path) -> PathBuf {
    let repository = root.ancestors().find(|dir| dir.join(".git").exists());
    let inside = repository.and_then(|repository| root.strip_prefix(repository).ok());
    inside.map(Path::to_owned).unwrap_or_default()
}
