//! From the settings to an open session, the embedded server started on the way if need be.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::control::Control;
use super::error::Error;
use super::report::{DestinationView, Event};
use crate::bookkeeping::VersionTable;
use crate::config::{DatabaseUrl, Environment, Settings};
use crate::db::{
    ConnectSpec, DbError, PoolerSign, ServerRole, Session, SessionOptions, SessionSettings,
    Surroundings, TransactionEnd,
};
use crate::engine::{
    self, Binaries, Cluster, Download, EngineError, LocateOptions, Progress, Server, StartMode,
};
use crate::sql::QualifiedName;

/// The database on the embedded server.
pub(super) const EMBEDDED_DATABASE: &str = "postgres";

/// An open session, and the embedded server beneath it where there is one.
pub(super) struct Link {
    pub(super) session: Session,
    pub(super) settings: SessionSettings,
    pub(super) view: DestinationView,
    /// Where it leads, for more sessions at the same place.
    pub(super) spec: ConnectSpec,
    options: SessionOptions,
    reach: Reach,
    /// For as long as the session is there.
    overdue: Overdue,
    server: Option<Server>,
}

/// How far a session can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// To its end: a transaction pooler is refused.
    Session,
    /// To the end of each transaction, as behind a transaction pooler.
    Transaction,
}

impl Reach {
    pub(super) fn of(settings: &Settings) -> Self {
        if settings.allow_pooler.value {
            Self::Transaction
        } else {
            Self::Session
        }
    }
}

/// Cuts a session's link where the server does not answer after a signal, for as long as this is
/// kept.
struct Overdue(AbortHandle);

impl Overdue {
    fn watch(session: &Session, control: &Control) -> Self {
        let (overdue, scissors) = (control.overdue(), session.scissors());
        let watch = tokio::spawn(async move {
            overdue.await;
            // Where steps run, they are the first to know.
            tokio::time::sleep(Duration::from_secs(1)).await;
            scissors.cut("the server did not answer after the signal");
        });
        Self(watch.abort_handle())
    }
}

impl Drop for Overdue {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Where a session is to be opened.
pub(super) struct Destination {
    pub(super) spec: ConnectSpec,
    pub(super) view: DestinationView,
    reach: Reach,
    server: Option<Server>,
}

/// The version table that the settings name.
pub(super) fn version_table(settings: &Settings) -> VersionTable {
    VersionTable::new(QualifiedName::new(
        settings.version_table_schema.value.clone(),
        settings.version_table_name.value.clone(),
    ))
}

impl Destination {
    /// Finds the destination; starts the embedded server if it is meant and does not run.
    pub(super) async fn find(
        settings: &Settings,
        environment: &Environment,
        control: &Control,
    ) -> Result<Self, Error> {
        let reach = Reach::of(settings);
        let (spec, server) = match &settings.database()?.value {
            DatabaseUrl::Server(url) => {
                let spec =
                    ConnectSpec::parse(url, &environment.surroundings()).map_err(DbError::from)?;
                if let Some(sign) = spec.pooler_sign().filter(|_| reach == Reach::Session) {
                    return Err(Error::Pooler { sign });
                }
                (spec, None)
            }
            DatabaseUrl::Embedded => {
                let server =
                    start_embedded(settings, environment, StartMode::Owned, control).await?;
                // `PG*` variables speak of other servers.
                let url = server.url(EMBEDDED_DATABASE);
                let spec =
                    ConnectSpec::parse(&url, &Surroundings::default()).map_err(DbError::from)?;
                (spec, Some(server))
            }
        };
        let view = DestinationView {
            name: settings.destination.as_ref().map(|name| name.value.clone()),
            database: spec.database().to_owned(),
            url: spec.redacted().to_string(),
            embedded: server.is_some(),
            version_table: version_table(settings).quoted(),
        };
        Ok(Self {
            spec,
            view,
            reach,
            server,
        })
    }

    /// Opens a session, with the settings under which everything of ours runs.
    pub(super) async fn connect(
        self,
        options: &SessionOptions,
        mut settings: SessionSettings,
        control: &Control,
    ) -> Result<Link, Error> {
        match open(&self.spec, options, &mut settings, self.reach).await {
            Ok(session) => Ok(Link {
                overdue: Overdue::watch(&session, control),
                session,
                settings,
                view: self.view,
                spec: self.spec,
                options: options.clone(),
                reach: self.reach,
                server: self.server,
            }),
            Err(error) => {
                leave(self.server).await?;
                Err(error)
            }
        }
    }

    /// Leaves without a session.
    pub(super) async fn leave(self) -> Result<(), Error> {
        leave(self.server).await
    }
}

async fn open(
    spec: &ConnectSpec,
    options: &SessionOptions,
    settings: &mut SessionSettings,
    reach: Reach,
) -> Result<Session, Error> {
    let mut session = Session::connect(spec, options).await?;
    if reach == Reach::Transaction {
        settings.client_check = session.server_version_num() >= 140_000
            && !session
                .query(SessionSettings::CLIENT_CHECKED_SQL, &[])
                .await?
                .is_empty();
        session.share(settings, options.application_name.as_deref());
        return Ok(session);
    }
    // Before anything is set: what is set behind a transaction pooler is set for others too.
    if session.is_pooled(spec, options).await? {
        session.close().await;
        return Err(Error::Pooler {
            sign: PoolerSign::Processes,
        });
    }
    let version = session.server_version_num();
    let sql = settings.sql(version);
    let client_check = if version >= 140_000 {
        SessionSettings::CLIENT_CHECK_SQL
    } else {
        ""
    };
    let sql = format!("{sql} SET search_path = ''; {client_check}");
    let answers = session.in_time(session.answers(&sql)).await?;
    settings.client_check = answers.last().is_some_and(|answer| !answer.rows.is_empty());
    Ok(session)
}

impl Link {
    /// Refuses a server that only reads.
    pub(super) fn insist_writable(&self) -> Result<(), Error> {
        match self.session.role() {
            ServerRole::Writable => Ok(()),
            ServerRole::Standby => Err(Error::ReadOnly { standby: true }),
            ServerRole::ReadOnly => Err(Error::ReadOnly { standby: false }),
        }
    }

    /// Opens another session in place of one that is lost.
    ///
    /// # Errors
    /// What keeps it from being opened, and [`Error::ReadOnly`].
    pub(super) async fn reconnect(&mut self, control: &Control) -> Result<(), Error> {
        self.session = open(&self.spec, &self.options, &mut self.settings, self.reach).await?;
        self.overdue = Overdue::watch(&self.session, control);
        self.insist_writable()
    }

    /// Begins a transaction that only reads, where the session cannot be relied on for longer; it
    /// ends with the link.
    pub(super) async fn look(&self) -> Result<(), DbError> {
        if self.reach == Reach::Transaction {
            let begin = "begin isolation level repeatable read, read only";
            self.session.begin(begin).await?;
        }
        Ok(())
    }

    /// Closes the session, and stops the embedded server if nobody else uses it.
    pub(super) async fn close(self) -> Result<(), Error> {
        // A pooler ends the server process of a client that goes within a transaction. Where that
        // cannot be helped, it is helped by the end of the link.
        let _ended = self.session.end_shared(TransactionEnd::Rollback).await;
        self.session.close().await;
        leave(self.server).await
    }
}

async fn leave(server: Option<Server>) -> Result<(), Error> {
    if let Some(server) = server {
        blocking(move || server.stop()).await?;
    }
    Ok(())
}

/// The project's embedded server, whether it runs or not.
pub(super) fn cluster(settings: &Settings) -> Result<Cluster, Error> {
    Ok(Cluster::open(&settings.root, &std::env::temp_dir())?)
}

/// Starts the embedded server, or joins it where it runs.
pub(super) async fn start_embedded(
    settings: &Settings,
    environment: &Environment,
    mode: StartMode,
    control: &Control,
) -> Result<Server, Error> {
    let cluster = cluster(settings)?;
    let data = settings.shown(&cluster.data_dir()).to_owned();
    let options = locate_options(environment, cluster.major(), Download::Allowed);
    let begun = Instant::now();
    let (tell, mut told) = mpsc::unbounded_channel();
    let starter = cluster.clone();
    let work = tokio::task::spawn_blocking(move || {
        // A receiver that is gone has no wish to know.
        starter.start(mode, &options, &mut |progress| drop(tell.send(progress)))
    });
    let mut started = false;
    while let Some(progress) = told.recv().await {
        started = true;
        control.tell(event(progress, &data));
    }
    let server = joined(work.await)?;
    if let (StartMode::Owned, Some(major)) = (mode, cluster.major()) {
        control.tell(Event::EngineReady {
            major,
            data,
            started,
            duration_ms: super::executor::millis(begun),
        });
    }
    Ok(server)
}

/// Where server binaries are looked for.
pub(super) fn locate_options(
    environment: &Environment,
    major: Option<u32>,
    download: Download,
) -> LocateOptions {
    LocateOptions {
        explicit: environment.pg_bin(),
        path: environment.os("PATH").map(ToOwned::to_owned),
        cache_dir: environment.cache_dir().map_or_else(
            || engine::cache_without_home(&std::env::temp_dir()),
            |cache| cache.join("grace-migrate"),
        ),
        download,
        major,
    }
}

/// The binaries that the embedded server uses, as far as they are on the machine.
pub(super) fn binaries(environment: &Environment, major: Option<u32>) -> Result<Binaries, Error> {
    let options = locate_options(environment, major, Download::Refused);
    Ok(Binaries::locate(&options, &mut |_| ())?)
}

fn event(progress: Progress, data: &std::path::Path) -> Event {
    let data = || -> PathBuf { data.to_owned() };
    match progress {
        Progress::Fetching {
            package,
            bytes,
            total,
        } => Event::Downloading {
            what: package,
            received_bytes: bytes,
            total_bytes: Some(total),
        },
        Progress::Fetched { dir } => Event::Downloading {
            what: dir.display().to_string(),
            received_bytes: 0,
            total_bytes: None,
        },
        Progress::Initialising { version } => Event::EngineInitialising {
            version: version.to_string(),
            data: data(),
        },
        Progress::Starting { version } => Event::EngineStarting {
            version: version.to_string(),
            data: data(),
        },
    }
}

/// Runs what blocks on a thread made for it.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, Error> {
    joined(tokio::task::spawn_blocking(work).await)
}

fn joined<T>(result: Result<Result<T, EngineError>, tokio::task::JoinError>) -> Result<T, Error> {
    match result {
        Ok(result) => Ok(result?),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
