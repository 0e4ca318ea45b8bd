//! What every command stands on: the global options, the environment, the streams.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::args::{Format, Global, Pooling, RunOptions, TransactionArg};
use super::progress::Progress;
use super::signals;
use super::terminal::Terminal;
use crate::clock::Clock;
use crate::config::{CliOverrides, Environment, Settings};
use crate::migrator::report::Event;
use crate::migrator::{Control, Error, Migrator};
use crate::render::{self, Style};

/// What every command stands on.
#[derive(Debug)]
pub(super) struct Context {
    global: Global,
    pub(super) environment: Environment,
    pub(super) terminal: Terminal,
}

/// What a command was told of the settings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    run: Option<&'a RunOptions>,
    allow_pooler: bool,
}

impl<'a> From<Option<&'a RunOptions>> for Said<'a> {
    fn from(run: Option<&'a RunOptions>) -> Self {
        let allow_pooler = run.is_some_and(|run| run.pooling.allow_pooler);
        Self { run, allow_pooler }
    }
}

impl From<Pooling> for Said<'_> {
    fn from(Pooling { allow_pooler }: Pooling) -> Self {
        let run = None;
        Self { run, allow_pooler }
    }
}

impl Context {
    pub(super) fn new(global: Global, environment: Environment) -> Self {
        let terminal = Terminal::new(global.color, global.quiet, environment.no_color());
        Self {
            global,
            environment,
            terminal,
        }
    }

    /// The current folder.
    pub(super) fn folder(&self) -> Result<PathBuf, Error> {
        std::env::current_dir().map_err(|source| Error::NoCurrentFolder {
            reason: source.to_string(),
        })
    }

    /// The settings in force, warnings said.
    pub(super) fn settings<'r>(&self, said: impl Into<Said<'r>>) -> Result<Settings, Error> {
        let Said { run, allow_pooler } = said.into();
        let overrides = CliOverrides {
            config: self.global.config().cloned(),
            name: self.global.name().map(ToOwned::to_owned),
            url: self.global.url.clone(),
            transaction: run.and_then(|run| run.transaction).map(|scope| {
                match scope {
                    TransactionArg::Revision => "revision",
                    TransactionArg::All => "all",
                }
                .to_owned()
            }),
            lock_timeout: run.and_then(|run| run.lock_timeout.clone()),
            statement_timeout: run.and_then(|run| run.statement_timeout.clone()),
            lock_wait: run.and_then(|run| run.lock_wait.clone()),
            lock_tries: run.and_then(|run| run.lock_tries.clone()),
            commit_timeout: run.and_then(|run| run.commit_timeout.clone()),
            allow_pooler: allow_pooler.then(|| true.to_string()),
        };
        let settings = Settings::resolve(&overrides, &self.environment, &self.folder()?)?;
        for warning in &settings.warnings {
            self.terminal
                .say(&render::diagnostic(warning, &self.terminal.talk));
        }
        Ok(settings)
    }

    /// The project, its files loaded, warnings said.
    pub(super) fn migrator<'r>(&self, said: impl Into<Said<'r>>) -> Result<Migrator, Error> {
        self.migrator_by(Migrator::load, said.into())
    }

    /// The project, of whose files some may be gone.
    pub(super) fn migrator_with_gaps<'r>(
        &self,
        said: impl Into<Said<'r>>,
    ) -> Result<Migrator, Error> {
        self.migrator_by(Migrator::load_with_gaps, said.into())
    }

    /// The project, whose files are not looked at.
    pub(super) fn migrator_without_files<'r>(
        &self,
        said: impl Into<Said<'r>>,
    ) -> Result<Migrator, Error> {
        let load = |settings, environment, clock| {
            Ok(Migrator::without_files(settings, environment, clock))
        };
        self.migrator_by(load, said.into())
    }

    fn migrator_by(
        &self,
        load: fn(Settings, Environment, Clock) -> Result<Migrator, Error>,
        said: Said<'_>,
    ) -> Result<Migrator, Error> {
        let settings = self.settings(said)?;
        let migrator = load(settings, self.environment.clone(), Clock::System)?;
        for warning in &migrator.versions().warnings {
            self.terminal
                .say(&render::diagnostic(warning, &self.terminal.talk));
        }
        Ok(migrator)
    }

    /// Runs work that speaks to a server: events are shown, signals stop it.
    pub(super) fn block_on<T>(
        &self,
        work: impl AsyncFnOnce(&Control) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| Error::NoRuntime {
                reason: source.to_string(),
            })?;
        let progress = Arc::new(Progress::new(&self.terminal));
        let shown = Arc::clone(&progress);
        let result = runtime.block_on(async {
            let stop = signals::listen().map_err(|source| Error::NoRuntime {
                reason: source.to_string(),
            })?;
            let control = Control::new(move |event: Event| shown.show(&event), stop);
            work(&control).await
        });
        progress.finish();
        result
    }

    /// Writes a command's answer to stdout.
    pub(super) fn answer<T: Serialize>(
        &self,
        format: Format,
        command: &'static str,
        report: &T,
        text: impl FnOnce(&T, &Style) -> String,
    ) {
        let text = match format {
            Format::Text => text(report, &self.terminal.out),
            Format::Json => render::json(command, report),
        };
        self.terminal.print(&text);
    }

    /// How text on stdout looks, with every detail where `verbose` is set.
    pub(super) fn style(&self, verbose: bool) -> Style {
        Style {
            verbose,
            ..self.terminal.out
        }
    }
}
