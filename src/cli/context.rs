//! What every command stands on: the global options, the environment, the streams.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::args::{Format, Global, RunOptions, TransactionArg};
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
    pub(super) fn settings(&self, run: Option<&RunOptions>) -> Result<Settings, Error> {
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
        };
        let settings = Settings::resolve(&overrides, &self.environment, &self.folder()?)?;
        for warning in &settings.warnings {
            self.terminal
                .say(&render::diagnostic(warning, &self.terminal.talk));
        }
        Ok(settings)
    }

    /// The project, its files loaded, warnings said.
    pub(super) fn migrator(&self, run: Option<&RunOptions>) -> Result<Migrator, Error> {
        self.migrator_by(Migrator::load, run)
    }

    /// The project, of whose files some may be gone.
    pub(super) fn migrator_with_gaps(&self, run: Option<&RunOptions>) -> Result<Migrator, Error> {
        self.migrator_by(Migrator::load_with_gaps, run)
    }

    fn migrator_by(
        &self,
        load: fn(Settings, Environment, Clock) -> Result<Migrator, Error>,
        run: Option<&RunOptions>,
    ) -> Result<Migrator, Error> {
        let settings = self.settings(run)?;
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
