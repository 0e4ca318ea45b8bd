//! The databases that GRACE's revisions must work on, and running them there.

use tokio::sync::OnceCell;
use tokio_postgres::{Client, Error};

use crate::support::{Database, connect};

/// The login of an API: it owns nothing and may only become one of the API roles.
pub(super) const LOGIN: &str = "grace_it_login";

/// A revision's scripts.
pub(super) struct Revision {
    pub(super) up: &'static str,
    pub(super) down: &'static str,
    pub(super) verify: &'static str,
}

macro_rules! revision {
    ($stem:literal) => {
        Revision {
            up: include_str!(concat!("../../../versions/", $stem, ".up.sql")),
            down: include_str!(concat!("../../../versions/", $stem, ".down.sql")),
            verify: include_str!(concat!("../../../versions/", $stem, ".verify.sql")),
        }
    };
}

pub(super) const SCHEMA: Revision = revision!("20261122_1530_8f3c2a1b9d04_create_grace_schema");
pub(super) const RLS: Revision = revision!("20261122_1545_c41e7d90b2aa_grace_row_level_security");

/// The tables that the revisions make, a parent before its children.
pub(super) const TABLES: [&str; 10] = [
    "profiles",
    "caregiver_relations",
    "sessions",
    "chat_turns",
    "notes",
    "medications",
    "activities",
    "topics",
    "session_activities",
    "session_topics",
];

/// Who migrates, and what is there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setup {
    /// Plain PostgreSQL, as a superuser.
    Superuser,
    /// Plain PostgreSQL, as the database's owner: no superuser, no BYPASSRLS, no CREATEROLE. The
    /// API roles exist.
    Owner,
    /// Supabase: `auth` belongs to others, default privileges give the API roles everything.
    Supabase,
}

impl Setup {
    pub(crate) const ALL: [Self; 3] = [Self::Superuser, Self::Owner, Self::Supabase];

    /// A database of this kind without any revision.
    pub(super) async fn empty(self) -> Grace {
        static ROLES: OnceCell<()> = OnceCell::const_new();
        let db = Database::create().await;
        ROLES.get_or_init(|| db.run(ROLES_SQL)).await;
        let migrator = match self {
            Self::Superuser => db.url(),
            Self::Owner => db.url_as(&db.create_owner().await),
            Self::Supabase => {
                db.run(&format!(
                    "alter database {} owner to grace_it_supabase",
                    db.name()
                ))
                .await;
                db.run(include_str!("supabase.sql")).await;
                db.url_as("grace_it_supabase")
            }
        };
        Grace { db, migrator }
    }

    /// A database of this kind with both revisions.
    pub(crate) async fn migrated(self) -> Grace {
        let grace = self.empty().await;
        grace.up(&SCHEMA).await.expect("the schema");
        grace.up(&RLS).await.expect("the policies");
        grace
    }

    /// The same, for somebody who may do what the migrating role may and become the API's roles, as
    /// on Supabase they may. The role goes with the database.
    pub(crate) async fn people(self) -> Grace {
        let mut grace = self.populated().await;
        let role = format!("{}_owner", grace.db.name());
        let api = "grant anon, authenticated, service_role";
        match self {
            Self::Superuser => {}
            Self::Owner => grace.db.run(&format!("{api} to {role}")).await,
            Self::Supabase => {
                grace
                    .db
                    .run(&format!(
                        "create role {role} login;
                         {api}, grace_it_supabase to {role}"
                    ))
                    .await;
                grace.migrator = grace.db.url_as(&role);
            }
        }
        grace
    }

    /// A database of this kind with both revisions and people in it.
    pub(super) async fn populated(self) -> Grace {
        let grace = self.migrated().await;
        grace.populate().await;
        grace
    }
}

/// The roles of all set-ups. They are the whole server's: who owns one database inherits nothing, so
/// that it has no rights in the others. The API roles may be made by another test at this very moment.
pub(crate) const ROLES_SQL: &str = "
    do $$
    declare
        wanted text;
    begin
        foreach wanted in array array[
            'anon nologin noinherit',
            'authenticated nologin noinherit',
            'service_role nologin noinherit bypassrls',
            'grace_it_login login noinherit',
            'grace_it_supabase login noinherit createrole bypassrls',
            'grace_it_auth_admin nologin',
            'grace_it_reporting nologin'
        ] loop
            begin
                execute 'create role ' || wanted;
            exception when duplicate_object or unique_violation then
                null;
            end;
        end loop;
        grant anon, authenticated, service_role to grace_it_login, grace_it_supabase;
    end
    $$";

/// A database and who migrates it.
pub(crate) struct Grace {
    pub(crate) db: Database,
    migrator: String,
}

impl Grace {
    /// Where the role that migrates connects.
    pub(crate) fn migrator_url(&self) -> &str {
        &self.migrator
    }

    /// A session of the role that migrates.
    pub(super) async fn migrator(&self) -> Client {
        connect(&self.migrator).await
    }

    /// The URL of a role that can do what the migrating one does and may become every API role: the
    /// migrating role itself, or one of this database's own where that is the whole server's.
    pub(super) async fn acting_migrator(&self, setup: Setup) -> String {
        let role = format!("{}_owner", self.db.name());
        match setup {
            Setup::Superuser => return self.db.url(),
            Setup::Owner => {}
            Setup::Supabase => {
                let make = format!(
                    "create role {role} login bypassrls; grant grace_it_supabase to {role}"
                );
                self.db.run(&make).await;
            }
        }
        let grant = format!("grant anon, authenticated, service_role to {role}");
        self.db.run(&grant).await;
        self.db.url_as(&role)
    }

    /// A session of the API's login.
    pub(super) async fn login(&self) -> Client {
        connect(&self.db.url_as(LOGIN)).await
    }

    /// A session of the superuser.
    pub(super) async fn admin(&self) -> Client {
        connect(&self.db.url()).await
    }

    /// Runs a revision's up and verify scripts in one transaction.
    pub(super) async fn up(&self, revision: &Revision) -> Result<(), Error> {
        in_transaction(&self.migrator().await, &[revision.up, revision.verify]).await
    }

    /// Runs a revision's down script in a transaction.
    pub(super) async fn down(&self, revision: &Revision) -> Result<(), Error> {
        in_transaction(&self.migrator().await, &[revision.down]).await
    }

    /// Lets the role that migrates become the API's roles, as trying in their name needs.
    pub(super) async fn let_migrator_become_api_roles(&self, setup: Setup) {
        if setup != Setup::Owner {
            return;
        }
        let owner = "select datdba::regrole from pg_database where datname = current_database()";
        let owner = self.db.query(owner).await;
        let grant = format!("grant anon, authenticated, service_role to {owner}");
        self.db.run(&grant).await;
    }

    /// Lets people in.
    pub(super) async fn populate(&self) {
        self.migrate(concat!(
            "set row_security = off;",
            include_str!("people.sql")
        ))
        .await;
    }

    /// Runs statements as the role that migrates.
    pub(super) async fn migrate(&self, sql: &str) {
        if let Err(error) = self.migrator().await.batch_execute(sql).await {
            panic!("{error:?}\nin: {sql}");
        }
    }
}

/// Runs scripts as the tool does: each as one message, all in one transaction.
pub(super) async fn in_transaction(client: &Client, scripts: &[&str]) -> Result<(), Error> {
    client
        .batch_execute("begin; set local row_security = off")
        .await?;
    for script in scripts {
        if let Err(error) = client.batch_execute(script).await {
            client.batch_execute("rollback").await?;
            return Err(error);
        }
    }
    client.batch_execute("commit").await
}

/// The server's message and hint, in one line.
pub(super) fn message(error: &Error) -> String {
    let error = error.as_db_error().expect("the server refused");
    match error.hint() {
        Some(hint) => format!("{} ({hint})", error.message()),
        None => error.message().to_owned(),
    }
}
