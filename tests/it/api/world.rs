//! The world that the server is asked about: GRACE's schema, people, logins, tokens.

use std::fs;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use grace_migrate::api::token::{Secret, mint};
use grace_migrate::clock::Clock;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::serve::api_command;
use crate::grace::setup::ROLES_SQL;
use crate::support::{Database, Output, Project, connect};

/// What tokens of the tests are signed with.
pub(super) const SECRET: &str = "the secret of the tests, which has more than 32 bytes";
/// The service's key.
pub(super) const SERVICE_KEY: &str = "sb_secret_of_the_tests_and_nobody_elses";
/// The project, where nobody listens: its published keys cannot be had.
pub(super) const PROJECT: &str = "http://127.0.0.1:1";
/// The issuer of its tokens.
pub(super) const ISSUER: &str = "http://127.0.0.1:1/auth/v1";

pub(super) const OLGA: &str = "00000000-0000-4000-8000-000000000001";
pub(super) const CARL: &str = "00000000-0000-4000-8000-000000000002";
pub(super) const PETRA: &str = "00000000-0000-4000-8000-000000000003";
pub(super) const ROLF: &str = "00000000-0000-4000-8000-000000000004";
pub(super) const STAN: &str = "00000000-0000-4000-8000-000000000005";
pub(super) const NORA: &str = "00000000-0000-4000-8000-000000000006";
/// A user without a profile.
pub(super) const NOBODY: &str = "00000000-0000-4000-8000-000000000009";

/// GRACE's people, each with a row of everything.
pub(super) const PEOPLE: &str = include_str!("../grace/people.sql");

/// A project with GRACE's revisions, whose database is at this URL.
pub(super) fn project(url: &str) -> Project {
    let mut project = Project::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let settings = fs::read(root.join("grace-migrate.toml")).unwrap();
    project.write("grace-migrate.toml", settings);
    for entry in fs::read_dir(root.join("versions")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        project.write(format!("versions/{name}"), fs::read(&path).unwrap());
    }
    project.env("DATABASE_URL", url);
    project
}

/// A database with GRACE's revisions, applied by the program, and people in it; and logins of its
/// own, which go with it.
pub(super) struct World {
    logins: Logins,
    pub(super) db: Database,
}

impl World {
    pub(super) async fn new() -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let template = TEMPLATE
            .get_or_init(|| async {
                let db = Database::create().await;
                db.run(ROLES_SQL).await;
                project(&db.url()).grace(["upgrade", "head"]).success();
                db.run(PEOPLE).await;
                let template = db.into_template();
                let name = template.name().to_owned();
                // It is copied until the server ends.
                std::mem::forget(template);
                name
            })
            .await;
        let db = Database::from_template(template).await;
        let logins = Logins::make(&db).await;
        Self { logins, db }
    }

    /// Where users' requests connect.
    pub(super) fn users_url(&self) -> String {
        self.db.url_as(&self.logins.users)
    }

    /// Where the service's connect.
    pub(super) fn service_url(&self) -> String {
        self.db.url_as(&self.logins.service)
    }

    /// The role of the login of users.
    pub(super) fn users_login(&self) -> &str {
        &self.logins.users
    }

    /// Waits until a query answers something else than 0.
    pub(super) async fn until(&self, truth: &str) {
        for _ in 0..3_000 {
            if self.db.query(truth).await != "0" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it never came to this: {truth}");
    }

    /// Waits until so many of the server's statements wait for a lock.
    pub(super) async fn until_waiting(&self, count: usize) {
        self.until(&format!(
            "select (count(*) = {count})::int from pg_stat_activity where {OF_SERVER} \
             and wait_event_type = 'Lock'"
        ))
        .await;
    }

    /// Waits until no session of the server is at anything.
    pub(super) async fn until_nothing_is_left(&self) {
        self.until(&format!(
            "select (count(*) = 0)::int from pg_stat_activity where {OF_SERVER} \
             and state <> 'idle'"
        ))
        .await;
    }

    /// How many sessions the server has, but for the one that looks whether it is ready.
    pub(super) async fn sessions(&self) -> String {
        let count = format!(
            "select count(*) from pg_stat_activity where {OF_SERVER} \
             and application_name <> 'grace-api readiness'"
        );
        self.db.query(&count).await
    }

    /// A session that keeps everybody from the profiles until it is told `rollback`.
    pub(super) async fn held(&self) -> tokio_postgres::Client {
        let holder = connect(&self.db.url()).await;
        let lock = "begin; lock table public.profiles in access exclusive mode";
        holder.batch_execute(lock).await.unwrap();
        holder
    }
}

/// Which sessions are the server's.
const OF_SERVER: &str = "datname = current_database() and application_name like 'grace-api%'";

/// The logins of one database: roles are the whole server's, so that they have its name.
struct Logins {
    users: String,
    service: String,
    url: String,
}

impl Logins {
    async fn make(db: &Database) -> Self {
        let this = Self {
            users: format!("{}_api", db.name()),
            service: format!("{}_api_service", db.name()),
            url: db.url(),
        };
        db.run(&login_sql(&this.users, &this.service)).await;
        this
    }
}

/// What `grace-api login-role` prints.
pub(super) fn login_sql(users: &str, service: &str) -> String {
    let project = Project::new();
    let mut command = api_command(&project);
    command.args(["--database-url", "postgresql://x@127.0.0.1:1/x"]);
    command.args(["login-role", "--role", users, "--service-role", service]);
    Output::of(&mut command).success().stdout
}

impl Drop for Logins {
    fn drop(&mut self) {
        let url = self.url.clone();
        let roles = [self.users.clone(), self.service.clone()];
        let dropped = std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_all().build().unwrap().block_on(async {
                let admin = connect(&url).await;
                for role in roles {
                    let drop = format!("drop owned by {role}; drop role {role}");
                    admin.batch_execute(&drop).await.unwrap();
                }
            });
        })
        .join();
        assert!(dropped.is_ok() || std::thread::panicking());
    }
}

/// Now, in seconds.
pub(super) fn now() -> i64 {
    Clock::System.now().timestamp()
}

/// A token of this person, good for an hour.
pub(super) fn token_of(subject: &str) -> String {
    let hour = Duration::from_secs(3600);
    let subject = subject.parse().unwrap();
    mint(
        &Secret::new(SECRET),
        subject,
        ISSUER,
        hour,
        Clock::System.now(),
    )
    .unwrap()
}

/// The claims of a good token.
pub(super) fn claims(subject: &str) -> Value {
    json!({
        "iss": ISSUER,
        "sub": subject,
        "aud": "authenticated",
        "role": "authenticated",
        "iat": now(),
        "exp": now() + 3600,
    })
}

/// The claims with some set, or taken out where they are null.
pub(super) fn claims_but(subject: &str, members: &Value) -> Value {
    let mut claims = claims(subject);
    for (name, value) in members.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

pub(super) fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// A token of these texts, signed with HS256 by any secret.
pub(super) fn hs256(secret: &[u8], header: &str, payload: &str) -> String {
    let key = EncodingKey::from_secret(secret).unwrap();
    signed(&key, Algorithm::HS256, header, payload)
}

/// A token with these claims, signed as it has to be.
pub(super) fn token(claims: &Value) -> String {
    hs256(
        SECRET.as_bytes(),
        r#"{"alg":"HS256","typ":"JWT"}"#,
        &claims.to_string(),
    )
}

/// The same by a key of an algorithm.
pub(super) fn signed(key: &EncodingKey, by: Algorithm, header: &str, payload: &str) -> String {
    let message = format!("{}.{}", encode(header), encode(payload));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, by).unwrap();
    format!("{message}.{signature}")
}

/// An RSA key of the tests.
pub(super) fn rsa(pem: &str) -> EncodingKey {
    let text: String = pem
        .lines()
        .filter(|line| !line.starts_with("---"))
        .collect();
    EncodingKey::from_rsa_der(&STANDARD.decode(text).unwrap())
}
