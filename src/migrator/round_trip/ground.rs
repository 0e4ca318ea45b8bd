//! The database in which a job walks, and how it is made again.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::seeds::Seeds;
use crate::catalog::{self, TableRows};
use crate::config::{DatabaseUrl, Environment};
use crate::db::{DbError, Session};
use crate::graph::NodeIx;
use crate::migrator::error::{Error, StepCause};
use crate::migrator::operations::Migrator;
use crate::migrator::states::{self, Scratch, insist_modelled, scratch_session};
use crate::revision::Direction;
use crate::schema::facts::{FactId, Scope, State, Unmodelled};

/// The database in which revisions run.
const HERE: &str = "here";
/// The database that is kept as it was at an earlier point.
const KEPT: &str = "kept";
/// How many revisions may be run since that point before another one is kept.
const STRIDE: usize = 16;

/// What a database is, and what is in its tables.
#[derive(Debug, Clone)]
pub(super) struct Look {
    pub(super) state: State,
    pub(super) rows: BTreeMap<FactId, TableRows>,
}

/// A database on a scratch server of its own, and where it stands.
pub(super) struct Ground<'a, 'e> {
    pub(super) project: &'a Migrator,
    pub(super) scratch: &'a mut Scratch<'e>,
    pub(super) scope: &'a Scope,
    pub(super) strict: bool,
    /// The project at that database.
    here: Migrator,
    /// The session that looks at it, again and again: a new one would plan its queries anew.
    eyes: Option<Session>,
    /// The server's version, once it was looked at.
    pub(super) version: Option<i32>,
    /// What was seen at last of kinds that are not modelled.
    pub(super) unmodelled: Vec<Unmodelled>,
    /// What is applied there, in the order in which it was.
    pub(super) applied: Vec<NodeIx>,
    pub(super) seeds: Seeds,
    /// What failed, and what stands on that, each with the revision that failed.
    pub(super) broken: BTreeMap<NodeIx, NodeIx>,
    /// How those failed that were not tested.
    pub(super) errors: BTreeMap<NodeIx, Box<Error>>,
    /// The roles that are there before any script, and the rows before any was loaded.
    first: (BTreeSet<String>, Seeds),
    kept: Kept,
}

/// An earlier point.
struct Kept {
    /// Whether a copy of the database is kept; else it is the empty one.
    copied: bool,
    applied: usize,
    seeds: Seeds,
    roles: BTreeSet<String>,
    /// Whether copies are made at all.
    may_copy: bool,
}

impl Kept {
    fn nothing((roles, seeds): &(BTreeSet<String>, Seeds), may_copy: bool) -> Self {
        Self {
            copied: false,
            applied: 0,
            seeds: seeds.clone(),
            roles: roles.clone(),
            may_copy,
        }
    }
}

impl<'a, 'e> Ground<'a, 'e> {
    /// A database without anything in it.
    pub(super) async fn open(
        project: &'a Migrator,
        scratch: &'a mut Scratch<'e>,
        scope: &'a Scope,
        strict: bool,
        seeds: Seeds,
    ) -> Result<Self, Error> {
        let settings = &project.settings;
        scratch.want_roles(settings.audit.api_roles.value.iter().cloned());
        scratch.want_roles(settings.declared.roles.value.iter().cloned());
        let roles = scratch.roles().clone();
        scratch.reset_roles(&roles).await?;
        let url = scratch.empty_database(HERE).await?;
        make_home(project, &url).await?;
        // `PG*` variables speak of other servers.
        let nowhere = Environment::new(std::iter::empty::<(String, String)>());
        let here = Migrator::load(settings.at_server(&url), nowhere, project.clock)?;
        let may_copy = !drops_roles(project)?;
        let first = (roles, seeds.clone());
        Ok(Self {
            project,
            scratch,
            scope,
            strict,
            here,
            eyes: None,
            version: None,
            unmodelled: Vec::new(),
            applied: Vec::new(),
            broken: BTreeMap::new(),
            errors: BTreeMap::new(),
            kept: Kept::nothing(&first, may_copy),
            first,
            seeds,
        })
    }

    /// Applies those of `nodes` that do not stand on what failed; what fails is left out, with all
    /// that stands on it. Rows are loaded behind each revision.
    pub(super) async fn advance(&mut self, nodes: &[NodeIx]) -> Result<(), Error> {
        let wanted: Vec<NodeIx> = nodes
            .iter()
            .copied()
            .filter(|node| !self.broken.contains_key(node))
            .collect();
        if wanted.len() > 1 && !self.seeds.are_left() {
            match self.run(Direction::Upgrade, &wanted).await? {
                ControlFlow::Continue(()) => return Ok(()),
                // Which one it is shows when each is run by itself.
                ControlFlow::Break(_) => self.stand_at_start(wanted.len()).await?,
            }
        }
        for node in wanted {
            if !self.broken.contains_key(&node) {
                self.keep().await?;
                if let ControlFlow::Break(error) = self.up(node).await? {
                    self.fail(node).await?;
                    self.errors.insert(node, error);
                }
                self.seed().await?;
            }
        }
        Ok(())
    }

    /// Notes that a revision cannot be applied, and makes the database again as it was before it.
    pub(super) async fn fail(&mut self, node: NodeIx) -> Result<(), Error> {
        let graph = &self.project.versions.graph;
        for above in graph.descendants(&graph.set([node])).iter() {
            self.broken.entry(above).or_insert(node);
        }
        self.stand_at_start(1).await
    }

    /// The same as before the last `steps` revisions that were begun.
    async fn stand_at_start(&mut self, steps: usize) -> Result<(), Error> {
        let applied = self.applied.len().saturating_sub(steps);
        self.applied.truncate(applied);
        self.rebuild().await
    }

    /// Runs a revision up. Roles that it makes and that were made for the scripts are left to it.
    ///
    /// # Errors
    /// What is no fault of the revision.
    pub(super) async fn up(&mut self, node: NodeIx) -> Result<ControlFlow<Box<Error>>, Error> {
        loop {
            let ran = self.run(Direction::Upgrade, &[node]).await?;
            let ControlFlow::Break(error) = &ran else {
                return Ok(ran);
            };
            let Some(role) = role_there(error).filter(|role| self.first.0.contains(role)) else {
                return Ok(ran);
            };
            self.applied.pop();
            self.first.0.remove(&role);
            if self.start_over().await.is_err() {
                // Scripts before it need the role.
                self.first.0.insert(role);
                self.start_over().await?;
                self.applied.push(node);
                return Ok(ran);
            }
        }
    }

    /// Makes the database again from nothing, with the roles that are there before any script.
    async fn start_over(&mut self) -> Result<(), Error> {
        let applied = self.applied.clone();
        self.scratch.drop_database(KEPT).await?;
        self.kept = Kept::nothing(&self.first, self.kept.may_copy);
        let rebuilt = self.rebuild().await;
        self.applied = applied;
        rebuilt
    }

    /// Runs revisions up, or one down. One that fails counts as applied until [`Ground::rebuild`].
    ///
    /// # Errors
    /// What is no fault of the revisions.
    pub(super) async fn run(
        &mut self,
        direction: Direction,
        nodes: &[NodeIx],
    ) -> Result<ControlFlow<Box<Error>>, Error> {
        match direction {
            Direction::Upgrade => self.applied.extend(nodes),
            Direction::Downgrade => self.applied.retain(|node| !nodes.contains(node)),
        }
        let graph = &self.here.versions.graph;
        let set = graph.set(nodes.iter().copied());
        match self.here.run_alone_on_scratch(direction, set).await {
            Ok(_) => Ok(ControlFlow::Continue(())),
            Err(error) if is_its_own(&error) => Ok(ControlFlow::Break(Box::new(error))),
            Err(error) => Err(error),
        }
    }

    /// Loads the rows that can be loaded now.
    pub(super) async fn seed(&mut self) -> Result<(), Error> {
        if self.seeds.are_left() {
            let session = scratch_session(self.url()?).await?;
            let ran = self.seeds.run(&session).await;
            session.close().await;
            ran?;
        }
        Ok(())
    }

    /// What the database is now.
    pub(super) async fn look(&mut self) -> Result<Look, Error> {
        let session = match self.eyes.take() {
            Some(session) => session,
            None => {
                let mut session = scratch_session(self.url()?).await?;
                session.keep_statements();
                session
            }
        };
        let look = Look {
            state: catalog::read_state(&session, self.scope).await?,
            rows: catalog::table_rows(&session, self.scope).await?,
        };
        self.eyes = Some(session);
        self.version = Some(look.state.server_version_num);
        self.unmodelled.clone_from(&look.state.unmodelled);
        if self.strict {
            insist_modelled(&look.state)?;
        }
        Ok(look)
    }

    /// Ends the session that looks, which would be in the way of a copy.
    async fn close_eyes(&mut self) {
        if let Some(session) = self.eyes.take() {
            session.close().await;
        }
    }

    fn url(&self) -> Result<&str, Error> {
        match &self.here.settings.database()?.value {
            DatabaseUrl::Server(url) => Ok(url),
            DatabaseUrl::Embedded => unreachable!("it was given a server's"),
        }
    }

    /// Keeps the database as it is now, where the last point is far behind.
    pub(super) async fn keep(&mut self) -> Result<(), Error> {
        if !self.kept.may_copy || self.applied.len() < self.kept.applied + STRIDE {
            return Ok(());
        }
        self.close_eyes().await;
        self.scratch.copy_database(KEPT, HERE).await?;
        self.kept.copied = true;
        self.kept.applied = self.applied.len();
        self.kept.seeds = self.seeds.clone();
        self.kept.roles = self.scratch.roles_there().await?;
        Ok(())
    }

    /// Makes the database again, so that what counts as applied is, and nothing else was ever run.
    pub(super) async fn rebuild(&mut self) -> Result<(), Error> {
        let wanted = self
            .applied
            .split_off(self.kept.applied.min(self.applied.len()));
        let template = if self.kept.copied { KEPT } else { "template0" };
        self.close_eyes().await;
        self.scratch.drop_database(HERE).await?;
        self.scratch.reset_roles(&self.kept.roles).await?;
        let url = self.scratch.copy_database(HERE, template).await?;
        if !self.kept.copied {
            make_home(self.project, &url).await?;
        }
        self.seeds = self.kept.seeds.clone();
        let one_by_one = self.seeds.are_left();
        let stretches = wanted.chunks(if one_by_one { 1 } else { wanted.len().max(1) });
        for stretch in stretches {
            if let ControlFlow::Break(error) = self.run(Direction::Upgrade, stretch).await? {
                // It went before, and does no more: what it depends on is not in the database.
                return Err(*error);
            }
            self.seed().await?;
        }
        Ok(())
    }
}

/// The schema of the version table is not the revisions' to make.
async fn make_home(project: &Migrator, url: &str) -> Result<(), Error> {
    let session = scratch_session(url).await?;
    let made = project.make_home(&session).await;
    session.close().await;
    Ok(made?)
}

/// Whether it is the revision's own fault, and neither the server's nor the settings'.
fn is_its_own(error: &Error) -> bool {
    match error {
        Error::StepFailed(failure) => !matches!(
            failure.cause,
            StepCause::Link(_) | StepCause::CommitLost(_) | StepCause::LockTaken
        ),
        Error::Unrunnable { .. } => true,
        Error::Db(error) => matches!(error, DbError::TransactionEnded),
        _ => false,
    }
}

/// The role that was to be made and is there.
fn role_there(error: &Error) -> Option<String> {
    let Error::StepFailed(failure) = error else {
        return None;
    };
    let StepCause::Statement(error) = &failure.cause else {
        return None;
    };
    states::role_there(error).map(str::to_owned)
}

/// Whether a script of the project drops roles: a copy of a database would hold on to them.
fn drops_roles(project: &Migrator) -> Result<bool, Error> {
    for node in project.versions.graph.nodes() {
        let revision = project.versions.revision(node);
        let scripts = [Some(revision.up()), revision.down()?];
        if scripts
            .into_iter()
            .flatten()
            .any(|one| drops_role(&one.text))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a text has `drop role` in it, wherever: a function's body may run it.
fn drops_role(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut words = words.by_ref().filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        if word == "drop" && matches!(words.next(), Some("role" | "user" | "group")) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_that_drop_roles() {
        assert!(drops_role("select 1;\nDROP  ROLE IF EXISTS app;"));
        assert!(drops_role(
            "do $$ begin execute 'drop user ' || name; end $$"
        ));
        assert!(!drops_role(
            "drop table role; create role a; drop policy user on t"
        ));
        assert!(!drops_role("drop"));
    }
}
