//! The files as they will be, run by the engine itself, up and down.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::{AutogenerateError, Fault, Leg, Part, Unproved};
use super::stage::Stage;
use crate::catalog;
use crate::config::{Environment, Settings};
use crate::graph::Target;
use crate::migrator::error::{Error, StepCause};
use crate::migrator::operations::Migrator;
use crate::migrator::revise::RevisionRequest;
use crate::migrator::states::{Scratch, difference, scratch_session};
use crate::revision::{Direction, RevisionId};
use crate::schema::facts::{Scope, State};
use crate::source::{Bodies, Draft, SourceError};

/// The project as it will be, at a scratch database that stands where it stands now.
pub(super) struct Proof<'p> {
    project: &'p Migrator,
    settings: Settings,
    url: String,
    /// The new files, until they are written where they belong.
    folder: Folder,
}

impl<'p> Proof<'p> {
    /// `url` leads to the database; `run_id` names what is made on the way.
    pub(super) fn new(project: &'p Migrator, url: String, run_id: &str) -> Result<Self, Error> {
        let folder = Folder::make(run_id)?;
        let mut settings = project.settings.at_server(&url);
        settings.versions.value.push(folder.0.clone());
        Ok(Self {
            project,
            settings,
            url,
            folder,
        })
    }

    /// The project with the files that are in the folder so far.
    fn load(&self) -> Result<Migrator, Error> {
        // `PG*` variables speak of other servers.
        let nowhere = Environment::new(std::iter::empty::<(String, String)>());
        Migrator::load(self.settings.clone(), nowhere, self.project.clock)
    }

    /// The revisions as files, each standing on the one before it. Nothing is written where the
    /// project's own files are.
    pub(super) fn draft(
        &self,
        request: &RevisionRequest,
        stages: &[Stage],
    ) -> Result<Vec<Draft>, Error> {
        let mut drafts: Vec<Draft> = Vec::with_capacity(stages.len());
        for (at, stage) in stages.iter().enumerate() {
            let mut own = request.clone();
            if let Some(last) = drafts.last() {
                own.heads = vec![target(&last.header.revision)?];
                own.splice = false;
                own.id = None;
                own.labels.clear();
                own.depends_on.clear();
                let folder = last.files.first().and_then(|one| one.file.parent());
                own.version_path = folder.map(Path::to_owned);
            }
            if let Some(part) = Part::at(at, stages.len()) {
                let of = format!("({part})");
                own.message = Some(match &request.message {
                    Some(message) => format!("{message} {of}"),
                    None => of,
                });
            }
            let bodies = Bodies {
                up: stage.up.clone(),
                down: stage.down.clone(),
                transaction: stage.transaction,
            };
            let project = self.load()?;
            let parents = project.parents(&own.heads)?;
            let draft = project.draft(&own, parents, Some(bodies))?;
            let mut before = drafts.iter().flat_map(|draft| &draft.files);
            let taken = draft
                .files
                .iter()
                .find(|file| before.any(|one| one.file == file.file));
            if let Some(taken) = taken {
                let path = taken.path.clone();
                return Err(SourceError::FileExists { path }.into());
            }
            draft.in_folder(&self.folder.0).write()?;
            drafts.push(draft);
        }
        Ok(drafts)
    }

    /// Runs the revisions up, and down again where they have a way back: the first way has to make
    /// what the declared schema is, and each step of the second what was there before.
    pub(super) async fn run(
        &self,
        drafts: &[Draft],
        stages: &[Stage],
        to: &State,
        scope: &Scope,
        scratch: &mut Scratch<'_>,
    ) -> Result<(), Error> {
        let project = self.load()?;
        let Some(last) = drafts.last() else {
            return Ok(());
        };
        let id = &last.header.revision;
        let all = drafts.iter().map(|draft| &draft.header.revision);
        self.step(&project, Direction::Upgrade, all).await?;
        self.compare((Leg::Up, id), to, scope, scratch).await?;
        for (draft, stage) in drafts.iter().zip(stages).rev() {
            if draft.header.irreversible.is_some() {
                return Ok(());
            }
            let id = &draft.header.revision;
            self.step(&project, Direction::Downgrade, [id]).await?;
            self.compare((Leg::Down, id), &stage.before, scope, scratch)
                .await?;
        }
        Ok(())
    }

    /// Runs these revisions alone.
    async fn step(
        &self,
        project: &Migrator,
        direction: Direction,
        revisions: impl IntoIterator<Item = &RevisionId>,
    ) -> Result<(), Error> {
        let graph = &project.versions.graph;
        let nodes = revisions.into_iter();
        let nodes = graph.set(nodes.filter_map(|id| graph.find_id(id.as_str())));
        let ran = project.run_alone_on_scratch(direction, nodes).await;
        ran.map_err(unproved)
    }

    /// Insists that the database is now what it should be.
    async fn compare(
        &self,
        (leg, revision): (Leg, &RevisionId),
        wanted: &State,
        scope: &Scope,
        scratch: &mut Scratch<'_>,
    ) -> Result<(), Error> {
        let session = scratch_session(&self.url).await?;
        let read = catalog::read_state(&session, scope).await;
        session.close().await;
        let read = read?;
        let sides = [
            ("what it makes".to_owned(), &read),
            ("what it should make".to_owned(), wanted),
        ];
        let differs = difference(sides, scope, scratch).await?;
        if !differs.differs() {
            return Ok(());
        }
        Err(AutogenerateError::Unproved(Box::new(Unproved {
            leg,
            part: None,
            revision: Some(revision.clone()),
            fault: Fault::Differs(Box::new(differs)),
            evidence: None,
        }))
        .into())
    }
}

fn target(id: &RevisionId) -> Result<Target, Error> {
    Ok(Target::parse(id.as_str())?)
}

/// A script of the plan that failed is no news of a database, but a mistake in the plan.
fn unproved(error: Error) -> Error {
    let failure = match error {
        Error::StepFailed(failure) => failure,
        error => return error,
    };
    match failure.cause {
        StepCause::Statement(error) | StepCause::Commit(error) => {
            let leg = match failure.direction {
                Direction::Upgrade => Leg::Up,
                Direction::Downgrade => Leg::Down,
            };
            let sql = failure.place.map(|place| place.source);
            AutogenerateError::failed(leg, Some(failure.revision), sql, error).into()
        }
        _ => Error::StepFailed(failure),
    }
}

/// A folder that goes with this value.
struct Folder(PathBuf);

impl Folder {
    fn make(run_id: &str) -> Result<Self, Error> {
        let folder = std::env::temp_dir().join(format!("grace-migrate-{run_id}"));
        fs::create_dir(&folder).map_err(|source| SourceError::NotWritten {
            path: folder.clone(),
            source,
        })?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
