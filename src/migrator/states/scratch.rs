//! Databases to throw away, in which PostgreSQL itself says what SQL makes.

use std::collections::BTreeSet;

use crate::config::Environment;
use crate::db::{ConnectSpec, DbError, Session, SessionOptions, Surroundings};
use crate::diagnostic::Place;
use crate::diff;
use crate::engine::{Binaries, Download, ScratchOptions, ScratchServer};
use crate::migrator::control::Control;
use crate::migrator::destination::{blocking, locate_options};
use crate::migrator::error::Error;
use crate::migrator::operations::Migrator;
use crate::schema::facts::State;
use crate::sql::{self, Span, quote_ident};

use super::error::StateError;
use super::spec::StateSpec;

/// A server of its own, started by the first database that is wanted.
pub(in crate::migrator) struct Scratch<'e> {
    environment: &'e Environment,
    /// The major version that the server is to have, where that is known.
    pub(super) major: Option<u32>,
    server: Option<ScratchServer>,
    databases: usize,
    /// The roles that are to be there, and that may not be.
    roles: BTreeSet<String>,
    made: BTreeSet<String>,
    /// The roles that the scripts of the next databases make themselves.
    pub(super) withheld: BTreeSet<String>,
}

impl<'e> Scratch<'e> {
    pub(in crate::migrator) fn new(environment: &'e Environment) -> Self {
        Self {
            environment,
            major: None,
            server: None,
            databases: 0,
            roles: BTreeSet::new(),
            made: BTreeSet::new(),
            withheld: BTreeSet::new(),
        }
    }

    /// Wants roles to be there. They can do nothing, and are made where they are named.
    pub(in crate::migrator) fn want_roles(&mut self, roles: impl IntoIterator<Item = String>) {
        self.roles.extend(roles);
    }

    /// The roles that are wanted so far, in order.
    pub(in crate::migrator) fn roles(&self) -> &BTreeSet<String> {
        &self.roles
    }

    /// The major version that the server has, or would have if it was started now; none where
    /// there is nothing to start.
    pub(super) async fn version(&mut self) -> Option<u32> {
        if self.major.is_none() {
            let options = locate_options(self.environment, None, Download::Refused);
            let found = blocking(move || Binaries::locate(&options, &mut |_| ())).await;
            self.major = found.ok().map(|binaries| binaries.version.major);
        }
        self.major
    }

    /// The roles of the server as it is now; none where it was not started.
    pub(in crate::migrator) async fn roles_there(&mut self) -> Result<BTreeSet<String>, Error> {
        let Some(server) = &self.server else {
            return Ok(BTreeSet::new());
        };
        let admin = connect(&server.url("postgres")).await?;
        // The first one is the superuser that the server was made with.
        let asked = "select rolname::text from pg_roles where rolname !~ '^pg_' and oid <> 10";
        let told = admin.query(asked, &[]).await;
        admin.close().await;
        let names = told?.iter().map(|row| row.get(0)).collect::<Result<_, _>>();
        Ok(names?)
    }

    pub(super) async fn server(&mut self) -> Result<&ScratchServer, Error> {
        if self.server.is_none() {
            let options = locate_options(self.environment, self.major, Download::Allowed);
            let scratch = ScratchOptions {
                cache_dir: options.cache_dir.clone(),
                temp_dir: std::env::temp_dir(),
            };
            let started = blocking(move || {
                let binaries = Binaries::locate(&options, &mut |_| ())?;
                ScratchServer::start(&binaries, &scratch, &mut |_| ())
            });
            self.server = Some(started.await.map_err(Error::of_scratch)?);
        }
        Ok(self.server.as_ref().expect("it was started just now"))
    }

    /// A session in a new database, with all roles that are wanted.
    pub(super) async fn database(&mut self) -> Result<Session, Error> {
        let url = self.new_database().await?;
        connect(&url).await.map_err(Error::from)
    }

    /// The URL of a new database.
    pub(in crate::migrator) async fn new_database(&mut self) -> Result<String, Error> {
        let name = format!("state_{}", self.databases);
        let server = self.server().await?;
        let admin = connect(&server.url("postgres")).await?;
        let (create, url) = (
            server.clone_statement(&name, "template0"),
            server.url(&name),
        );
        self.databases += 1;
        let mut sql = String::new();
        let roles: BTreeSet<String> = self.roles.difference(&self.withheld).cloned().collect();
        for role in roles.difference(&self.made) {
            // The superuser of the scratch server may have the name.
            let role = quote_ident(role);
            sql.push_str(&format!(
                "do $role$ begin create role {role}; exception when duplicate_object then null; \
                 end $role$;\n"
            ));
        }
        self.made = roles;
        let made = async {
            admin.batch(&sql).await?;
            admin.batch(&create).await
        };
        let made = made.await;
        admin.close().await;
        made?;
        Ok(url)
    }

    /// What an SQL file makes.
    pub(super) async fn load_file(
        &mut self,
        spec: &StateSpec,
        text: &str,
    ) -> Result<Session, Error> {
        let StateSpec::File { shown, .. } = spec else {
            return self.database().await;
        };
        let statements = sql::split(text).map_err(|defect| StateError::BadFile {
            findings: vec![defect.to_diagnostic(shown, text)],
        });
        let statements = statements.map_err(Error::from)?;
        self.with_room(async |scratch| {
            let session = scratch.database().await?;
            let ran = session
                .run_script(&text.into(), &statements, &mut |_| ())
                .await;
            let Err(failure) = ran else {
                session.batch("reset all; reset role").await?;
                return Ok(session);
            };
            session.close().await;
            let span = match failure.offset {
                Some(offset) => Some(Span::new(offset, offset)),
                None => statements.get(failure.statement).map(|one| one.span),
            };
            let place = span.map(|span| Place::in_text(shown, text, span));
            Err(match failure.error {
                DbError::Server(error) => StateError::FileFailed { place, error }.into(),
                other => other.into(),
            })
        })
        .await
    }

    /// A state made again from its own SQL.
    pub(in crate::migrator) async fn remake(&mut self, state: &State) -> Result<Session, Error> {
        let statements = diff::create(state).map_err(StateError::from)?;
        self.want_roles(state.roles());
        let session = self.database().await?;
        session
            // Every name is whole; what bodies of functions call may be in the usual place.
            .batch("set search_path = public; set check_function_bodies = off")
            .await?;
        for statement in statements {
            match session.batch(&statement.sql).await {
                Ok(()) => {}
                Err(DbError::Server(error)) => {
                    let sql = statement.sql;
                    return Err(StateError::SqlFailed { sql, error }.into());
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(session)
    }

    /// Ends the server, if there is one.
    pub(in crate::migrator) async fn stop(&mut self) -> Result<(), Error> {
        match self.server.take() {
            Some(server) => {
                let stopped = blocking(move || server.stop()).await;
                stopped.map_err(Error::of_scratch)
            }
            None => Ok(()),
        }
    }
}

impl Migrator {
    /// Does work on a scratch server, which is ended afterwards, also where a signal stops the work.
    pub(in crate::migrator) async fn on_scratch<T>(
        &self,
        control: &Control,
        work: impl AsyncFnOnce(&mut Scratch<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut scratch = Scratch::new(&self.environment);
        let done = tokio::select! {
            done = work(&mut scratch) => done,
            signal = control.stop() => Err(Error::stopped_before_work(signal)),
        };
        let stopped = scratch.stop().await;
        let done = done?;
        stopped?;
        Ok(done)
    }
}

pub(in crate::migrator) async fn connect(url: &str) -> Result<Session, DbError> {
    // `PG*` variables speak of other servers.
    let spec = ConnectSpec::parse(url, &Surroundings::default()).map_err(DbError::from)?;
    Session::connect(&spec, &SessionOptions::default()).await
}

impl From<diff::NoWay> for StateError {
    fn from(reason: diff::NoWay) -> Self {
        match reason {
            diff::NoWay::Cycle(cycle) => cycle.into(),
            diff::NoWay::RowsHeld { changed, holders } => Self::RowsHeld { changed, holders },
        }
    }
}

impl From<diff::Cycle> for StateError {
    fn from(cycle: diff::Cycle) -> Self {
        Self::Cycle { facts: cycle.facts }
    }
}
