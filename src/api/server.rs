//! From settings to a server that listens, until it is told to stop.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::sync::watch;

use super::access::Access;
use super::app::{App, Shared};
use super::development::{self, Keys};
use super::limits::RateLimits;
use super::listen::{HEAD_TIMEOUT, Serving};
use super::log;
use super::login::{self, Ensured, Purpose, SERVICE_LOGIN, USERS_LOGIN};
use super::metrics::Metrics;
use super::program::complain;
use super::readiness::Readiness;
use super::reload::{self, Program};
use super::router::router;
use super::settings::{Place, ServerSettings};
use super::start_error::StartError;
use super::stop::{self, Why};
use super::token::{JwksSettings, Secret, ServiceKey, TokenSettings, Verifier};
use crate::clock::Clock;
use crate::db::{ConnectSpec, DbError, Surroundings};
use crate::migrator::{Control, EmbeddedServer, Running};
use crate::render::Exit;

/// How often what was counted long ago is forgotten.
const HOUSEKEEPING: Duration = Duration::from_secs(60);

/// What tells who asks.
#[derive(Debug)]
pub(super) struct Tokens {
    verifier: Verifier,
    service_key: Option<ServiceKey>,
}

impl Tokens {
    /// By the project's keys, or those of development on the embedded server.
    pub(super) fn resolve(
        settings: &ServerSettings,
        keys: Option<&Keys>,
    ) -> Result<Self, StartError> {
        let service_key = match (secret_of(settings, "SUPABASE_SERVICE_ROLE_KEY")?, keys) {
            (Some(key), _) => Some(ServiceKey::new(&key)?),
            (None, Some(keys)) => Some(keys.service_key.clone()),
            (None, None) => None,
        };
        let mut tokens = Self::verified_by(settings, keys)?;
        tokens.service_key.clone_from(&service_key);
        Ok(Self {
            verifier: Verifier::new(tokens, Clock::System)?,
            service_key,
        })
    }

    /// What the tokens of users are verified by, and so have to be signed with.
    pub(super) fn verified_by(
        settings: &ServerSettings,
        keys: Option<&Keys>,
    ) -> Result<TokenSettings, StartError> {
        let secret = secret_of(settings, "SUPABASE_JWT_SECRET")?;
        let mut tokens = match (&settings.supabase_url, keys) {
            (Some(url), _) => TokenSettings::of_project(url).with_published_keys(),
            (None, Some(keys)) => TokenSettings {
                issuer: development::ISSUER.to_owned(),
                secret: Some(keys.secret.clone()),
                jwks: None::<JwksSettings>,
                service_key: None,
            },
            (None, None) => return Err(StartError::NoProject),
        };
        tokens.secret = secret.or(tokens.secret);
        Ok(tokens)
    }
}

fn secret_of(settings: &ServerSettings, name: &str) -> Result<Option<Secret>, StartError> {
    Ok(settings.environment.text(name)?.map(Secret::new))
}

/// Serves until a signal comes.
pub(super) fn run(mut settings: ServerSettings, tokens: Tokens) -> Result<Exit, StartError> {
    log::begin(settings.log, std::mem::take(&mut settings.log_filter));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|source| StartError::System {
        what: "no threads can be had",
        source,
    })?;
    // The socket comes first, or is there already: whoever connects meanwhile waits, and is served.
    let program = Program::of_process();
    let listener = reload::listener(settings.address)?;
    let ended = runtime.block_on(serve(settings, tokens, &program, listener))?;
    drop(runtime);
    match ended {
        Ended::Told(exit) => Ok(exit),
        Ended::Changed(listener) => Err(program.start_anew(listener)),
    }
}

/// How serving has ended.
enum Ended {
    /// By a signal, or a bug; the socket is closed.
    Told(Exit),
    /// For the program to start anew, with this socket.
    Changed(TcpListener),
}

impl Ended {
    /// The same, unless a signal came meanwhile: then nothing starts anew.
    fn unless_told(self, stop: &watch::Receiver<Option<Why>>) -> Self {
        match (self, *stop.borrow()) {
            (Self::Changed(_), Some(Why::Signal(exit))) => Self::Told(exit),
            (ended, _) => ended,
        }
    }
}

async fn serve(
    settings: ServerSettings,
    tokens: Tokens,
    program: &Program,
    listener: TcpListener,
) -> Result<Ended, StartError> {
    // Signals are heard from here on: what is started below is stopped again.
    let mut stop = stop::listen()?;
    // So are changes.
    let watch = match settings.reload {
        true => Some(program.watch(&settings.watched)?),
        false => None,
    };
    let changed = async {
        match &watch {
            Some(watch) => watch.changed(program).await,
            None => std::future::pending().await,
        }
    };
    let (users, service, embedded) = reach(&settings).await?;
    let served = open(
        &settings, tokens, users, service, changed, listener, &mut stop,
    )
    .await;
    if let Some(embedded) = embedded {
        embedded.leave().await?;
    }
    Ok(served?.unless_told(&stop))
}

async fn open(
    settings: &ServerSettings,
    tokens: Tokens,
    users: ConnectSpec,
    service: Option<ConnectSpec>,
    changed: impl Future<Output = ()>,
    socket: TcpListener,
    stop: &mut watch::Receiver<Option<Why>>,
) -> Result<Ended, StartError> {
    let logins = [
        (Some(&users), Purpose::Users),
        (service.as_ref(), Purpose::Service),
    ];
    for (spec, purpose) in logins {
        let Some(spec) = spec else { continue };
        let allowed = settings.privileged_login;
        match login::look(spec, purpose, allowed, &settings.version_table).await? {
            Ok(()) => {}
            Err(defect) => return Err(StartError::Login(Box::new(defect))),
        }
    }
    if service.is_none() {
        tracing::info!("there is no login for the service: its routes answer 503");
    }
    let app: App = Arc::new(Shared {
        access: Access::new(users, service, settings.pool, settings.scope),
        verifier: tokens.verifier,
        service_key: tokens.service_key,
        limits: RateLimits::new(settings.rates),
        readiness: Readiness::new(&settings.version_table, settings.newer),
        metrics: Metrics::new(),
    });
    if let Err(not) = app.readiness.ask(&app.access).await {
        tracing::warn!(reason = ?not, "not ready yet");
    }
    let system = |source| StartError::System {
        what: "the socket cannot be used",
        source,
    };
    let listener = socket.try_clone().map_err(system)?;
    listener.set_nonblocking(true).map_err(system)?;
    let listener = tokio::net::TcpListener::from_std(listener).map_err(system)?;
    let address = listener.local_addr().map_err(system)?;
    complain(&format!(
        "listening on http://{address}, documentation at http://{address}/docs/\n"
    ));
    let housekeeping = tokio::spawn(housekeeping(Arc::clone(&app)));
    let router = router(&app, &settings.bounds);
    let sockets = (listener, socket);
    let ended = listen(sockets, router, &app, settings.drain, stop, changed).await;
    housekeeping.abort();
    app.access.close();
    Ok(ended)
}

/// Serves until there is a reason to stop, then until the requests in flight have ended, for as long
/// as that may take.
async fn listen(
    (listener, socket): (tokio::net::TcpListener, TcpListener),
    router: Router,
    app: &App,
    drain: Duration,
    stop: &mut watch::Receiver<Option<Why>>,
    changed: impl Future<Output = ()>,
) -> Ended {
    let mut serving = Serving::new(router, HEAD_TIMEOUT);
    let why = tokio::select! {
        why = stopped(stop) => why,
        () = changed => Why::Changed,
        () = serving.accept(&listener) => Why::Signal(Exit::Bug),
    };
    app.readiness.stop();
    tracing::info!(?why, "stopping: requests in flight may end");
    if matches!(why, Why::Signal(_)) {
        serving.accept_waiting(&listener).await;
    }
    drop(listener);
    // Where the program starts anew, its socket goes on: see `reload`. Else it is closed now, so that
    // nobody connects who would wait for an answer that does not come.
    let ended = match why {
        Why::Signal(exit) => {
            drop(socket);
            Ended::Told(exit)
        }
        Why::Changed => Ended::Changed(socket),
    };
    if !serving.drain(drain).await {
        tracing::warn!("requests were cut off, and are rolled back");
        // What they held cancels and rolls back on tasks of its own.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    ended.unless_told(stop)
}

async fn stopped(stop: &mut watch::Receiver<Option<Why>>) -> Why {
    match stop.wait_for(Option::is_some).await {
        Ok(why) => why.unwrap_or(Why::Signal(Exit::Terminated)),
        Err(_) => std::future::pending().await,
    }
}

async fn housekeeping(app: App) {
    app.verifier.warm().await;
    let mut ticks = tokio::time::interval(HOUSEKEEPING);
    loop {
        ticks.tick().await;
        app.limits.forget();
    }
}

fn parse(url: &str, around: &Surroundings) -> Result<ConnectSpec, StartError> {
    Ok(ConnectSpec::parse(url, around).map_err(DbError::from)?)
}

fn specs(
    settings: &ServerSettings,
    users: &str,
    service: Option<&str>,
) -> Result<(ConnectSpec, Option<ConnectSpec>), StartError> {
    let around = settings.environment.surroundings();
    let service = service.map(|service| parse(service, &around)).transpose()?;
    Ok((parse(users, &around)?, service))
}

/// Reads the connection strings, and goes nowhere.
pub(super) fn check(settings: &ServerSettings) -> Result<(), StartError> {
    if let Place::Server { users, service } = &settings.place {
        specs(settings, users, service.as_deref())?;
    }
    Ok(())
}

/// Where the pools connect; the embedded server is started on the way, and its logins are made.
async fn reach(
    settings: &ServerSettings,
) -> Result<(ConnectSpec, Option<ConnectSpec>, Option<Running>), StartError> {
    match &settings.place {
        Place::Server { users, service } => {
            let (users, service) = specs(settings, users, service.as_deref())?;
            Ok((users, service, None))
        }
        Place::Embedded(project) => {
            let server = EmbeddedServer::of((**project).clone(), settings.environment.clone())?;
            complain("the database is the embedded server of this project, in .grace/postgres\n");
            let running = server.join(&Control::silent()).await?;
            let admin = parse(&running.url(), &Surroundings::default())?;
            let refused = match login::ensure(&admin, &settings.version_table).await {
                Ok(Ensured::Made) => None,
                Ok(Ensured::NoRevisions) => Some(StartError::NoRevisions),
                Err(error) => Some(error.into()),
            };
            if let Some(refused) = refused {
                running.leave().await?;
                return Err(refused);
            }
            let (users, service) = (admin.with_user(USERS_LOGIN), admin.with_user(SERVICE_LOGIN));
            Ok((users, Some(service), Some(running)))
        }
    }
}
