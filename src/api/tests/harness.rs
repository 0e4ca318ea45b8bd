//! A server with GRACE's tables, and the way to it with a pool of one.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::Utc;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::api::access::{Access, Caller, ScopeLimits};
use crate::api::app::{App, Shared};
use crate::api::limits::{RateLimits, Rates};
use crate::api::login;
use crate::api::metrics::Metrics;
use crate::api::readiness::{Newer, Readiness};
use crate::api::token::{Secret, TokenSettings, Verifier, mint};
use crate::bookkeeping::VersionTable;
use crate::clock::Clock;
use crate::db::{ConnectSpec, PoolOptions, Session, SessionOptions, Surroundings};
use crate::engine::{Binaries, Download, LocateOptions, ScratchOptions, ScratchServer};
use crate::sql::QualifiedName;

const SECRET: &str = "a secret of tests, long enough for HS256";
const ISSUER: &str = "https://tests.example.org/auth/v1";

pub(super) const OLGA: Uuid = Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0001);
pub(super) const CARL: Uuid = Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0002);
pub(super) const STAN: Uuid = Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0005);

fn server() -> &'static ScratchServer {
    static SERVER: OnceLock<ScratchServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        let cache_dir = std::env::temp_dir().join("grace-api-tests");
        let options = LocateOptions {
            explicit: std::env::var_os("GRACE_PG_BIN").map(PathBuf::from),
            path: std::env::var_os("PATH"),
            cache_dir: cache_dir.clone(),
            download: Download::Allowed,
            major: None,
        };
        let binaries = Binaries::locate(&options, &mut |_| {}).expect("server binaries");
        let options = ScratchOptions {
            cache_dir,
            temp_dir: std::env::temp_dir(),
        };
        ScratchServer::start(&binaries, &options, &mut |_| {}).expect("a server for the tests")
    })
}

fn version_table() -> VersionTable {
    VersionTable::new(QualifiedName::new("public", "alembic_version"))
}

/// Where the superuser connects, to a database with GRACE's tables and people.
pub(super) async fn admin() -> ConnectSpec {
    static MADE: OnceCell<()> = OnceCell::const_new();
    let url = server().url("postgres");
    let spec = ConnectSpec::parse(&url, &Surroundings::default()).expect("a URL");
    MADE.get_or_init(|| async {
        let session = session(&spec).await;
        for script in [
            include_str!("../../../versions/20261122_1530_8f3c2a1b9d04_create_grace_schema.up.sql"),
            include_str!(
                "../../../versions/20261122_1545_c41e7d90b2aa_grace_row_level_security.up.sql"
            ),
            "create table public.alembic_version (version_num varchar(32) primary key);
             insert into public.alembic_version values ('c41e7d90b2aa')",
            include_str!("../../../tests/it/grace/people.sql"),
        ] {
            session
                .batch(&format!("begin; {script}; commit"))
                .await
                .expect("a script");
        }
        login::ensure(&spec, &version_table())
            .await
            .expect("the logins");
        session.close().await;
    })
    .await;
    spec
}

/// A session of the superuser.
pub(super) async fn session(spec: &ConnectSpec) -> Session {
    Session::connect(spec, &SessionOptions::default())
        .await
        .expect("a session")
}

/// Pools of one session each.
pub(super) async fn app() -> App {
    app_that_waits(Duration::from_secs(20)).await
}

/// The same, where a session is waited for so long.
pub(super) async fn app_that_waits(wait: Duration) -> App {
    let admin = admin().await;
    let pool = PoolOptions {
        most: 1,
        wait,
        longest: Duration::from_secs(600),
    };
    let limits = ScopeLimits {
        statement: Duration::from_secs(30),
        idle: Duration::from_secs(30),
    };
    let (users, service) = (
        admin.with_user(login::USERS_LOGIN),
        admin.with_user(login::SERVICE_LOGIN),
    );
    Arc::new(Shared {
        access: Access::new(users, Some(service), pool, limits),
        verifier: verifier(),
        service_key: None,
        limits: RateLimits::new(Rates {
            per_subject: None,
            per_address: None,
        }),
        readiness: Readiness::new(&version_table(), Newer::Refused),
        metrics: Metrics::new(),
    })
}

fn verifier() -> Verifier {
    let settings = TokenSettings {
        issuer: ISSUER.to_owned(),
        secret: Some(Secret::new(SECRET)),
        jwks: None,
        service_key: None,
    };
    Verifier::new(settings, Clock::System).expect("keys")
}

/// A token of this user.
pub(super) fn token(subject: Uuid) -> String {
    let lifetime = Duration::from_secs(600);
    mint(&Secret::new(SECRET), subject, ISSUER, lifetime, Utc::now()).expect("a token")
}

/// Somebody with a token.
pub(super) async fn user(subject: Uuid) -> Caller {
    let claims = verifier()
        .verify(&token(subject))
        .await
        .expect("a valid token");
    Caller::User(Arc::new(claims))
}
