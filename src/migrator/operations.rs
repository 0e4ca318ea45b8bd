//! The façade: a project's files and settings, and what can be done with them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rand::RngExt as _;

use super::control::Control;
use super::destination::{Destination, Link, version_table};
use super::error::Error;
use super::executor::millis;
use super::report::{Event, LockHolder};
use crate::bookkeeping::{MigrationLock, VersionTable};
use crate::clock::Clock;
use crate::config::{Environment, Settings};
use crate::db::{Session, SessionOptions, SessionSettings};
use crate::graph::TargetError;
use crate::source::Versions;

/// A project: its settings and its revision files. Every operation is a method; the command line
/// and other programs are callers alike.
#[derive(Debug)]
pub struct Migrator {
    pub(super) settings: Settings,
    pub(super) environment: Environment,
    pub(super) versions: Versions,
    pub(super) clock: Clock,
    pub(super) replays: Replays,
}

/// Whether what revisions build is taken from the cache, where it was built before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Replays {
    /// It is, and is put there.
    #[default]
    Kept,
    /// It is built anew, and the cache left as it is.
    Anew,
}

impl Migrator {
    /// Loads the project's revision files.
    ///
    /// # Errors
    /// All defects of all files together.
    pub fn load(settings: Settings, environment: Environment, clock: Clock) -> Result<Self, Error> {
        let versions = Versions::load(&settings.folders())?;
        Ok(Self {
            settings,
            environment,
            versions,
            clock,
            replays: Replays::default(),
        })
    }

    /// Loads the project's revision files, of which some may be gone: for a run that takes what
    /// it needs of them from the history.
    ///
    /// # Errors
    /// All other defects of all files together.
    pub fn load_with_gaps(
        settings: Settings,
        environment: Environment,
        clock: Clock,
    ) -> Result<Self, Error> {
        let versions = Versions::load_with_gaps(&settings.folders())?;
        Ok(Self {
            settings,
            environment,
            versions,
            clock,
            replays: Replays::default(),
        })
    }

    /// A project whose revision files are not looked at: for an emergency, which a broken file must
    /// not keep from being ended. It knows no revision.
    #[must_use]
    pub fn without_files(settings: Settings, environment: Environment, clock: Clock) -> Self {
        let versions = Versions::unread(settings.folders());
        Self {
            settings,
            environment,
            versions,
            clock,
            replays: Replays::default(),
        }
    }

    /// The same, with another say in whether what revisions build comes from the cache.
    #[must_use]
    pub fn with_replays(self, replays: Replays) -> Self {
        Self { replays, ..self }
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The revision files.
    #[must_use]
    pub fn versions(&self) -> &Versions {
        &self.versions
    }

    /// Opens a session for the run of this id.
    pub(super) async fn link(&self, run_id: &str, control: &Control) -> Result<Link, Error> {
        let destination = Destination::find(&self.settings, &self.environment, control).await?;
        self.connect(destination, run_id, control).await
    }

    /// Opens a session there.
    pub(super) async fn connect(
        &self,
        destination: Destination,
        run_id: &str,
        control: &Control,
    ) -> Result<Link, Error> {
        let options = self.session_options(run_id);
        tokio::select! {
            link = destination.connect(&options, self.session_settings(), control) => link,
            signal = control.stop() => Err(Error::stopped_before_work(signal)),
        }
    }

    /// How a session names itself, so that whoever waits for its lock can tell whose it is.
    #[expect(
        clippy::unused_self,
        reason = "what a session needs is asked of the project"
    )]
    pub(super) fn session_options(&self, run_id: &str) -> SessionOptions {
        SessionOptions {
            application_name: Some(format!(
                "grace-migrate/{} {run_id}",
                env!("CARGO_PKG_VERSION")
            )),
            ..SessionOptions::default()
        }
    }

    /// The lock timeout of the settings, for the session. The statement timeout is for scripts
    /// alone: our own statements are short, or a COMMIT.
    pub(super) fn session_settings(&self) -> SessionSettings {
        SessionSettings {
            lock_timeout: self.settings.lock_timeout.value.duration(),
            ..SessionSettings::default()
        }
    }

    /// How long a statement of a script may run; zero is for ever.
    pub(super) fn statement_timeout(&self) -> Duration {
        self.settings.statement_timeout.value.duration()
    }

    /// How long the server may take to answer a COMMIT, and then to tell on another link what
    /// became of it; zero is for ever for the first of them.
    pub(super) fn commit_timeout(&self) -> Duration {
        self.settings.commit_timeout.value.duration()
    }

    /// An id for a run: the instant, so that ids sort, and eight random hex digits.
    pub(super) fn run_id(&self) -> String {
        format!(
            "{}-{:08x}",
            self.clock.now().format("%Y%m%dT%H%M%S"),
            rand::rng().random::<u32>()
        )
    }

    /// Takes the migration lock, telling who holds it while it is waited for.
    pub(super) async fn lock(
        &self,
        session: &Session,
        table: &VersionTable,
        control: &Control,
    ) -> Result<MigrationLock, Error> {
        let lock = MigrationLock::of(table);
        let started = Instant::now();
        let mut waited = false;
        let tell = |waiting: &crate::bookkeeping::Waiting| {
            control.tell(Event::WaitingForLock {
                holder: waiting.holder.clone().map(holder),
                // The first look is what a reader without a progress bar is told of.
                waited_ms: if waited { millis(started) } else { 0 },
            });
            waited = true;
        };
        let acquire = lock.acquire(session, self.settings.lock_wait.value.duration(), tell);
        tokio::select! {
            acquired = acquire => acquired?,
            signal = control.stop() => return Err(Error::stopped_before_work(signal)),
        }
        if waited {
            control.tell(Event::LockAcquired {
                waited_ms: millis(started),
            });
        }
        Ok(lock)
    }

    /// A target's error, with what is known of the revisions that it may name.
    pub(super) fn told<T>(&self, resolved: Result<T, TargetError>) -> Result<T, Error> {
        resolved.map_err(|error| Error::Target {
            about: self.about(&error),
            error,
        })
    }

    fn about(&self, error: &TargetError) -> BTreeMap<String, (String, PathBuf)> {
        error
            .names()
            .into_iter()
            .filter_map(|name| {
                let revision = self.versions.find(&name)?;
                let message = revision.message().to_owned();
                Some((name, (message, revision.path().to_owned())))
            })
            .collect()
    }

    /// The version table of the settings.
    pub(super) fn table(&self) -> VersionTable {
        version_table(&self.settings)
    }
}

/// Who holds a lock, as reports tell it.
pub(super) fn holder(holder: crate::bookkeeping::LockHolder) -> LockHolder {
    LockHolder {
        pid: holder.pid,
        user: holder.user,
        application: holder.application_name,
        client: holder.client_address,
        since: holder.since,
    }
}
