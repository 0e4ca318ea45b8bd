//! From where a state is told to the state.

use std::collections::BTreeSet;

use super::cache::{Built, Cache, Key, is_fresh};
use super::current::not_built;
use super::declared::load_declared;
use super::error::StateError;
use super::scratch::{Scratch, connect as scratch_session};
use super::spec::StateSpec;
use crate::catalog;
use crate::checksum::Digest;
use crate::config::Environment;
use crate::db::{ConnectSpec, DbError, Session};
use crate::graph::{AppliedSet, Target};
use crate::migrator::control::Control;
use crate::migrator::error::Error;
use crate::migrator::operations::Migrator;
use crate::migrator::report::{Event, StateView};
use crate::migrator::run::{RunMode, RunRequest};
use crate::plan::Plan;
use crate::revision::Direction;
use crate::schema::facts::{Pattern, Scope, State};
use crate::source::{SqlText, read_named_sql};
use crate::sql::quote_ident;

/// The version of an empty database where no server tells another.
const NEWEST: i32 = 180_000;

impl Migrator {
    /// The scope that was asked for, within that of the settings, and without what is ours in a
    /// database.
    pub(in crate::migrator) fn state_scope(&self, scope: Scope) -> Scope {
        let settings = &self.settings;
        let mut scope = settings.declared.scope(scope);
        scope.exclude.push(Pattern::schema("grace_migrate"));
        scope.exclude.push(Pattern::object(
            &settings.version_table_schema.value,
            &settings.version_table_name.value,
        ));
        scope
    }

    /// The roles that scripts and the declared schema may name are to be there.
    pub(in crate::migrator) fn want_roles(&self, scratch: &mut Scratch<'_>) {
        scratch.want_roles(self.settings.audit.api_roles.value.iter().cloned());
        scratch.want_roles(self.settings.declared.roles.value.iter().cloned());
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
        self.want_roles(scratch);
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
                    let session = Session::connect(&spec, &options).await?;
                    let table = self.table();
                    let read = catalog::read_state_at_home(&session, scope, table.name()).await;
                    session.close().await;
                    read?
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
                let text = read_named_sql(file, shown).await;
                let text = text.map_err(|finding| StateError::BadFile {
                    findings: vec![*finding],
                })?;
                let session = scratch.load_file(spec, &text).await?;
                *state = Some(read_and_close(session, scope).await?);
            }
            if let StateSpec::Revision { target, .. } = spec {
                let targets = std::slice::from_ref(target);
                *state = Some(self.built(targets, scope, scratch).await?);
            }
            if let (StateSpec::Current, Some(here)) = (spec, &here) {
                *state = Some(self.built(&here.tips, scope, scratch).await?);
            }
            if *spec == &StateSpec::Schema {
                let texts = self.declared().await?;
                *state = Some(self.built_declared(texts, scope, scratch).await?);
            }
        }
        leave_out_unseen(specs, &mut states, control);
        tell_unmatched(scope, states.iter().flatten(), control);
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
    /// Reads one state, with a scratch server where it takes one; `strict` refuses what is not
    /// modelled.
    pub(super) async fn read_one_state(
        &self,
        spec: &StateSpec,
        scope: &Scope,
        strict: bool,
        control: &Control,
    ) -> Result<State, Error> {
        let scope = self.state_scope(scope.clone());
        let specs = [spec];
        let read = self.on_scratch(control, async |scratch| {
            self.read_states(&specs, &scope, scratch, control).await
        });
        let Some(state) = read.await?.into_iter().next() else {
            unreachable!("one state was asked for");
        };
        if strict {
            insist_modelled(&state)?;
        }
        Ok(state)
    }

    /// What the revisions build that lead to targets: from the cache, or from a scratch database.
    pub(in crate::migrator) async fn built(
        &self,
        targets: &[Target],
        scope: &Scope,
        scratch: &mut Scratch<'_>,
    ) -> Result<State, Error> {
        let key = match self.history_to(targets)? {
            Some(history) => Key::of("revisions", history, scope, scratch).await,
            None => None,
        };
        self.cached(key, scope, scratch, async |scratch| {
            self.replay(targets, scratch).await
        })
        .await
    }

    /// What the declared schema makes: from the cache, or from a scratch database.
    pub(in crate::migrator) async fn built_declared(
        &self,
        texts: Vec<SqlText>,
        scope: &Scope,
        scratch: &mut Scratch<'_>,
    ) -> Result<State, Error> {
        let lines = texts.iter().map(|one| one.text.clone());
        let key = Key::of("declared", lines.collect::<Vec<_>>(), scope, scratch).await;
        self.cached(key, scope, scratch, async |scratch| {
            let session = load_declared(texts, scratch).await?;
            self.make_home(&session).await?;
            Ok(session)
        })
        .await
    }

    async fn cached(
        &self,
        key: Option<Key>,
        scope: &Scope,
        scratch: &mut Scratch<'_>,
        build: impl AsyncFnOnce(&mut Scratch<'_>) -> Result<Session, Error>,
    ) -> Result<State, Error> {
        let cache = Cache::of(&self.environment, self.replays);
        if let Some(built) = key.and_then(|key| cache.read(key)) {
            scratch.want_roles(built.roles);
            return Ok(built.state);
        }
        let fresh = is_fresh(scratch).await?;
        let session = build(scratch).await?;
        let state = read_and_close(session, scope).await?;
        if let Some(key) = key.filter(|_| fresh) {
            let roles = scratch.roles_there().await?;
            let built = Built { state, roles };
            cache.write(key, &built);
            return Ok(built.state);
        }
        Ok(state)
    }

    /// The digests of the revisions that lead to targets, in the order in which they run, each of
    /// which names all beneath it; of a script that has line ends which do not count there, and which
    /// PostgreSQL keeps, the text too. None where a script cannot be read, which a run may not need.
    ///
    /// # Errors
    /// Targets that name nothing.
    fn history_to(&self, targets: &[Target]) -> Result<Option<Vec<String>>, Error> {
        let graph = &self.versions.graph;
        let mut applied: AppliedSet = graph.nothing_applied();
        let mut nodes = Vec::new();
        for target in targets {
            let plan = Plan::upgrade(graph, &applied, std::slice::from_ref(target));
            nodes.extend(self.told(plan)?.steps.into_iter().map(|step| step.node));
            applied = graph.applied(nodes.iter().copied());
        }
        if !self.versions.gaps.is_empty() {
            return Ok(None);
        }
        let digests = self.versions.digests().ok();
        let digest = |digests: &[Digest]| {
            let mut texts = Vec::with_capacity(nodes.len());
            for node in &nodes {
                texts.push(digests[node.index()].to_string());
                let text = &self.versions.revision(*node).up().text;
                if text.contains("\r\n") {
                    texts.push(text.to_string());
                }
            }
            texts
        };
        Ok(digests.map(digest))
    }

    /// A scratch database in which the revisions ran that lead to targets, in the way in which
    /// they always run.
    pub(in crate::migrator) async fn replay(
        &self,
        targets: &[Target],
        scratch: &mut Scratch<'_>,
    ) -> Result<Session, Error> {
        scratch
            .with_room(async |scratch| self.replay_once(targets, scratch).await)
            .await
    }

    /// The same on the scratch server as it stands.
    async fn replay_once(
        &self,
        targets: &[Target],
        scratch: &mut Scratch<'_>,
    ) -> Result<Session, Error> {
        let url = scratch.new_database().await?;
        let session = scratch_session(&url).await?;
        let made = self.make_home(&session).await;
        session.close().await;
        made?;
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

impl Migrator {
    /// The schema of the version table, which somebody makes by hand where it is to stand, in a scratch
    /// database.
    pub(in crate::migrator) async fn make_home(&self, session: &Session) -> Result<(), DbError> {
        let home = &self.settings.version_table_schema.value;
        if home == "public" {
            return Ok(());
        }
        let make = format!("create schema if not exists {}", quote_ident(home));
        session.batch(&make).await
    }
}

/// What a role may not see all of in one state is compared with nothing: it is told, and left out
/// of all states.
fn leave_out_unseen(specs: &[&StateSpec], states: &mut [Option<State>], control: &Control) {
    let mut all = BTreeSet::new();
    for (spec, state) in specs.iter().zip(states.iter()) {
        let Some(state) = state.as_ref().filter(|state| !state.unseen.is_empty()) else {
            continue;
        };
        control.tell(Event::Unseen {
            state: spec.to_string(),
            role: state.reader.clone(),
            objects: state.unseen.iter().cloned().collect(),
        });
        all.extend(state.unseen.iter().cloned());
    }
    for state in states.iter_mut().flatten() {
        state.leave_out(&all);
    }
}

/// Tells of patterns that name nothing in any of the states: a name may be misspelt.
pub(in crate::migrator) fn tell_unmatched<'s>(
    scope: &Scope,
    states: impl Iterator<Item = &'s State> + Clone,
    control: &Control,
) {
    let unmatched = scope.unmatched(&states.flat_map(|state| state.facts().keys()));
    if !unmatched.is_empty() {
        control.tell(Event::NothingIncluded {
            patterns: unmatched.into_iter().map(ToString::to_string).collect(),
        });
    }
}

/// Reads a session's database, and ends the session.
pub(super) async fn read_and_close(session: Session, scope: &Scope) -> Result<State, DbError> {
    let read = catalog::read_state(&session, scope).await;
    session.close().await;
    read
}

/// A state as reports tell it.
pub(in crate::migrator) fn view(name: String, state: &State) -> StateView {
    StateView {
        state: name,
        server_version_num: state.server_version_num,
        fingerprint: state.fingerprint(),
        facts: state.facts().len(),
        unmodelled: state.unmodelled.clone(),
        unseen: state.unseen.iter().cloned().collect(),
    }
}

/// Refuses a state with objects that are not modelled, or that the role may not see all of.
pub(in crate::migrator) fn insist_modelled(state: &State) -> Result<(), StateError> {
    if !state.unmodelled.is_empty() {
        return Err(StateError::Unmodelled {
            objects: state.unmodelled.clone(),
        });
    }
    if !state.unseen.is_empty() {
        return Err(StateError::Unseen {
            role: state.reader.clone(),
            objects: state.unseen.iter().cloned().collect(),
        });
    }
    Ok(())
}
