//! From where a state is told to the state.

use super::current::not_built;
use super::error::StateError;
use super::scratch::{Scratch, connect as scratch_session};
use super::spec::StateSpec;
use crate::catalog;
use crate::config::Environment;
use crate::db::{ConnectSpec, DbError, Session};
use crate::graph::Target;
use crate::migrator::control::Control;
use crate::migrator::error::Error;
use crate::migrator::operations::Migrator;
use crate::migrator::report::StateView;
use crate::migrator::run::{RunMode, RunRequest};
use crate::revision::Direction;
use crate::schema::facts::{Pattern, Scope, State};
use crate::source::read_sql;

/// The version of an empty database where no server tells another.
const NEWEST: i32 = 180_000;

impl Migrator {
    /// The scope that was asked for, within that of the settings, and without what is ours in a
    /// database.
    pub(super) fn state_scope(&self, scope: Scope) -> Scope {
        let settings = &self.settings;
        let mut scope = settings.declared.scope(scope);
        scope.exclude.push(Pattern::schema("grace_migrate"));
        scope.exclude.push(Pattern::object(
            &settings.version_table_schema.value,
            &settings.version_table_name.value,
        ));
        scope
    }

    /// Reads states, those of databases first: the server on which files are tried has the version
    /// and the roles of these.
    pub(super) async fn read_states(
        &self,
        specs: &[&StateSpec],
        scope: &Scope,
        scratch: &mut Scratch<'_>,
        control: &Control,
    ) -> Result<Vec<State>, Error> {
        scratch.want_roles(self.settings.audit.api_roles.value.iter().cloned());
        scratch.want_roles(self.settings.declared.roles.value.iter().cloned());
        let here = self.here(specs, scope, control).await?;
        if let Some(here) = &here {
            scratch.major = u32::try_from(here.version / 10_000).ok();
        }
        let mut states: Vec<Option<State>> = vec![None; specs.len()];
        for (spec, state) in specs.iter().zip(&mut states) {
            let read = match spec {
                StateSpec::Database => match here.as_ref().and_then(|here| here.state.as_ref()) {
                    Some(read) => read.clone(),
                    None => continue,
                },
                StateSpec::Url(url) => {
                    let spec = ConnectSpec::parse(url, &self.environment.surroundings());
                    let spec = spec.map_err(DbError::from)?;
                    let options = self.session_options(&self.run_id());
                    read_and_close(Session::connect(&spec, &options).await?, scope).await?
                }
                StateSpec::Empty
                | StateSpec::File { .. }
                | StateSpec::Schema
                | StateSpec::Current
                | StateSpec::Revision { .. } => continue,
            };
            scratch.major = u32::try_from(read.server_version_num / 10_000).ok();
            scratch.want_roles(read.roles());
            *state = Some(read);
        }
        for (spec, state) in specs.iter().zip(&mut states) {
            if let StateSpec::File { file, shown } = spec {
                let text = read_sql(file, shown).map_err(|finding| StateError::BadFile {
                    findings: vec![*finding],
                })?;
                let session = scratch.load_file(spec, &text).await?;
                *state = Some(read_and_close(session, scope).await?);
            }
            if let StateSpec::Revision { target, .. } = spec {
                let session = self.replay(std::slice::from_ref(target), scratch).await?;
                *state = Some(read_and_close(session, scope).await?);
            }
            if let (StateSpec::Current, Some(here)) = (spec, &here) {
                let session = self.replay(&here.tips, scratch).await?;
                *state = Some(read_and_close(session, scope).await?);
            }
            if *spec == &StateSpec::Schema {
                let session = self.load_declared(scratch).await?;
                *state = Some(read_and_close(session, scope).await?);
            }
        }
        let known = states
            .iter()
            .flatten()
            .map(|state| state.server_version_num);
        let version = known.max().unwrap_or(NEWEST);
        let states = states.into_iter().map(|state| {
            state.unwrap_or_else(|| {
                let mut empty = State::empty(version, "");
                empty.retain(scope);
                empty
            })
        });
        Ok(states.collect())
    }
}

impl Migrator {
    /// A scratch database in which the revisions ran that lead to targets; roles that they make
    /// are not there before them.
    async fn replay(
        &self,
        targets: &[Target],
        scratch: &mut Scratch<'_>,
    ) -> Result<Session, Error> {
        let replayed = loop {
            match self.replay_once(targets, scratch).await {
                Err(error) if scratch.make_room(&error).await? => {}
                replayed => break replayed,
            }
        };
        scratch.withhold_none();
        replayed
    }

    /// The same on the scratch server as it stands, in the way in which revisions always run.
    async fn replay_once(
        &self,
        targets: &[Target],
        scratch: &mut Scratch<'_>,
    ) -> Result<Session, Error> {
        let url = scratch.new_database().await?;
        // `PG*` variables speak of other servers.
        let nowhere = Environment::new(std::iter::empty::<(String, String)>());
        let settings = self.settings.at_server(&url);
        let migrator = Self::load(settings, nowhere, self.clock)?;
        for target in targets {
            let request = RunRequest {
                direction: Direction::Upgrade,
                target: target.clone(),
                mode: RunMode::Run,
                tag: None,
                from_history: false,
                rls_gate: Some(false),
            };
            // What is built here is nobody's news. A signal ends the server beneath it.
            let ran = Box::pin(migrator.run(&request, &Control::silent())).await;
            ran.map_err(not_built)?;
        }
        Ok(scratch_session(&url).await?)
    }
}

/// Reads a session's database, and ends the session.
pub(super) async fn read_and_close(session: Session, scope: &Scope) -> Result<State, DbError> {
    let read = catalog::read_state(&session, scope).await;
    session.close().await;
    read
}

/// A state as reports tell it.
pub(super) fn view(spec: &StateSpec, state: &State) -> StateView {
    StateView {
        state: spec.to_string(),
        server_version_num: state.server_version_num,
        fingerprint: state.fingerprint(),
        facts: state.facts().len(),
        unmodelled: state.unmodelled.clone(),
    }
}

/// Refuses a state with objects that are not modelled.
pub(super) fn insist_modelled(state: &State) -> Result<(), StateError> {
    if state.unmodelled.is_empty() {
        return Ok(());
    }
    Err(StateError::Unmodelled {
        objects: state.unmodelled.clone(),
    })
}
