//! `db`: the embedded server, started, stopped and asked for by hand.

use super::control::Control;
use super::destination::{EMBEDDED_DATABASE, binaries, blocking, cluster, start_embedded};
use super::error::Error;
use super::report::{DatabaseStatus, ServerAction, ServerState};
use crate::config::{DatabaseUrl, Environment, Settings};
use crate::engine::{BinariesOrigin, Server, StartMode, Status, StopMode};

/// The embedded server of a project, whether its files are sound or not.
#[derive(Debug)]
pub struct EmbeddedServer {
    settings: Settings,
    environment: Environment,
}

impl EmbeddedServer {
    /// The server that the settings mean.
    ///
    /// # Errors
    /// [`Error::NotEmbedded`] where they mean another.
    pub fn of(settings: Settings, environment: Environment) -> Result<Self, Error> {
        match &settings.database()?.value {
            DatabaseUrl::Embedded => Ok(Self {
                settings,
                environment,
            }),
            other @ DatabaseUrl::Server(_) => Err(Error::NotEmbedded {
                url: other.to_string(),
            }),
        }
    }

    /// Starts it and leaves it running.
    ///
    /// # Errors
    /// The engine's.
    pub async fn start(&self, control: &Control) -> Result<DatabaseStatus, Error> {
        let before = cluster(&self.settings)?.status()?;
        let kept = matches!(
            before,
            Status::Running {
                mode: StartMode::Kept,
                ..
            }
        );
        let server =
            start_embedded(&self.settings, &self.environment, StartMode::Kept, control).await?;
        blocking(move || server.stop()).await?;
        let action = if kept {
            ServerAction::AlreadyRunning
        } else {
            ServerAction::Started
        };
        self.status_after(action)
    }

    /// Stops it; while another command uses it, only with `force`.
    ///
    /// # Errors
    /// The engine's.
    pub async fn stop(&self, force: bool) -> Result<DatabaseStatus, Error> {
        let cluster = cluster(&self.settings)?;
        let stopped = blocking(move || cluster.stop(mode(force))).await?;
        self.status_after(if stopped {
            ServerAction::Stopped
        } else {
            ServerAction::NotRunning
        })
    }

    /// Stops it and deletes its data; while another command uses it, only with `force`.
    ///
    /// # Errors
    /// The engine's.
    pub async fn reset(&self, force: bool) -> Result<DatabaseStatus, Error> {
        let cluster = cluster(&self.settings)?;
        blocking(move || cluster.reset(mode(force))).await?;
        self.status_after(ServerAction::Reset)
    }

    /// How it stands.
    ///
    /// # Errors
    /// The engine's.
    pub fn status(&self) -> Result<DatabaseStatus, Error> {
        self.status_after(ServerAction::None)
    }

    /// Its URL.
    ///
    /// # Errors
    /// [`Error::ServerNotRunning`], and the engine's.
    pub fn url(&self) -> Result<String, Error> {
        self.status()?.url.ok_or(Error::ServerNotRunning)
    }

    /// The program `psql` that belongs to its binaries, if they have one.
    ///
    /// # Errors
    /// The engine's.
    pub fn psql(&self) -> Result<Option<std::path::PathBuf>, Error> {
        let major = cluster(&self.settings)?.major();
        Ok(binaries(&self.environment, major)?.tool("psql"))
    }

    fn status_after(&self, action: ServerAction) -> Result<DatabaseStatus, Error> {
        let cluster = cluster(&self.settings)?;
        let status = cluster.status()?;
        let found = binaries(&self.environment, cluster.major()).ok();
        let running = match &status {
            Status::Running { pid, address, .. } => Some((*pid, address)),
            Status::Absent | Status::Stopped { .. } => None,
        };
        let log = cluster.log();
        Ok(DatabaseStatus {
            action,
            state: match status {
                Status::Absent => ServerState::Absent,
                Status::Stopped { .. } => ServerState::Stopped,
                Status::Running { .. } => ServerState::Running,
            },
            pid: running.and_then(|(pid, _)| u32::try_from(pid).ok()),
            started_at: cluster.started_at(),
            version: found.as_ref().map(|found| found.version.to_string()),
            binaries: found.as_ref().map(|found| found.dir.clone()),
            binaries_origin: found.as_ref().map(|found| {
                match found.origin {
                    BinariesOrigin::Explicit => "GRACE_PG_BIN",
                    BinariesOrigin::Machine => "this machine",
                    BinariesOrigin::Fetched => "fetched",
                }
                .to_owned()
            }),
            data: self.settings.shown(&cluster.data_dir()).to_owned(),
            data_bytes: cluster.data_bytes(),
            log: log.is_file().then(|| self.settings.shown(&log).to_owned()),
            url: running.map(|(_, address)| address.url(EMBEDDED_DATABASE)),
        })
    }
}

fn mode(force: bool) -> StopMode {
    if force {
        StopMode::Always
    } else {
        StopMode::Unused
    }
}

/// The embedded server while a command uses it.
#[derive(Debug)]
pub struct Running {
    server: Server,
}

impl EmbeddedServer {
    /// Starts it if it does not run, for as long as the answer is kept.
    ///
    /// # Errors
    /// The engine's.
    pub async fn join(&self, control: &Control) -> Result<Running, Error> {
        let mode = StartMode::Owned;
        let server = start_embedded(&self.settings, &self.environment, mode, control).await?;
        Ok(Running { server })
    }
}

impl Running {
    /// The URL of its database.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url(EMBEDDED_DATABASE)
    }

    /// Stops it if nobody else uses it.
    ///
    /// # Errors
    /// The engine's.
    pub async fn leave(self) -> Result<(), Error> {
        blocking(move || self.server.stop()).await
    }
}
