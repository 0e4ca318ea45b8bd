//! The database of the settings: what it is, and what its applied revisions build.

use super::error::StateError;
use super::spec::StateSpec;
use crate::catalog;
use crate::db::Session;
use crate::graph::Target;
use crate::migrator::control::Control;
use crate::migrator::error::{Error, StepCause};
use crate::migrator::operations::Migrator;
use crate::migrator::standing::Standing;
use crate::schema::facts::{Scope, State};

/// What was read of the database of the settings, over one link.
pub(super) struct Here {
    /// The server's version number.
    pub(super) version: i32,
    /// What it is, where that was asked for.
    pub(super) state: Option<State>,
    /// Where its revisions stand, where that was asked for: in this order they are built.
    pub(super) tips: Vec<Target>,
}

impl Migrator {
    /// Reads what these states want of the database of the settings; `None` where they want nothing.
    pub(super) async fn here(
        &self,
        specs: &[&StateSpec],
        scope: &Scope,
        control: &Control,
    ) -> Result<Option<Here>, Error> {
        let wants = |wanted: StateSpec| specs.iter().any(|spec| **spec == wanted);
        let (database, current) = (wants(StateSpec::Database), wants(StateSpec::Current));
        if !database && !current {
            return Ok(None);
        }
        let link = self.link(&self.run_id(), control).await?;
        let session = &link.session;
        let read = async {
            let tips = if current {
                self.tips(session).await?
            } else {
                Vec::new()
            };
            let state = if database {
                Some(catalog::read_state_at_home(session, scope, self.table().name()).await?)
            } else {
                None
            };
            let version = session.server_version_num();
            Ok::<_, Error>(Here {
                version,
                state,
                tips,
            })
        };
        let read = read.await;
        let closed = link.close().await;
        let here = read?;
        closed?;
        Ok(Some(here))
    }

    /// The tips of the applied revisions.
    async fn tips(&self, session: &Session) -> Result<Vec<Target>, Error> {
        let standing = Standing::read(session, &self.table(), &self.versions).await?;
        standing.insist_known()?;
        let graph = &self.versions.graph;
        let tips = graph.ids(graph.tips(&standing.applied)).into_iter();
        tips.map(|tip| Target::parse(tip.as_str()).map_err(Error::from))
            .collect()
    }
}

/// What is said of a run in a scratch database that failed by a script: nothing stands there.
pub(super) fn not_built(error: Error) -> Error {
    let failure = match error {
        Error::StepFailed(failure) => failure,
        error => return error,
    };
    match failure.cause {
        StepCause::Statement(error) | StepCause::Verify(error) | StepCause::Commit(error) => {
            StateError::NotBuilt {
                revision: failure.revision,
                place: failure.place,
                error,
            }
            .into()
        }
        _ => Error::StepFailed(failure),
    }
}
