//! The operation: try, compare, keep.

use std::path::PathBuf;

use super::error::MatrixError;
use super::fixtures::Fixtures;
use super::keep::{kept, write};
use super::trial::{Commands, Trial, Tried};
use crate::config::{Origin, load_actors};
use crate::migrator::control::Control;
use crate::migrator::destination::Link;
use crate::migrator::error::Error;
use crate::migrator::operations::Migrator;
use crate::migrator::report::{MatrixActor, RlsMatrix};
use crate::rls::matrix::{Difference, Reach, compare};
use crate::rls::{Actors, Scope};
use crate::sql::QualifiedName;

/// What `rls matrix` is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MatrixRequest {
    /// These tables alone, `table` or `schema.table`; all where there are none.
    pub tables: Vec<String>,
    /// These actors alone; all where there are none.
    pub actors: Vec<String>,
    /// Whether to compare with a kept matrix.
    pub expect: Option<KeptMatrix>,
    /// Whether to keep what was found, in the file of the settings.
    pub write: bool,
    /// Only SELECT, in a transaction that only reads, on the rows that are there.
    pub read_only: bool,
}

/// Which kept matrix is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptMatrix {
    /// That of the settings.
    OfSettings,
    /// The one of this file, absolute.
    File(PathBuf),
}

impl Migrator {
    /// Tries what each actor of the actors' file reaches in each table, with real commands in a
    /// transaction that is rolled back, and compares it with a kept matrix or keeps it.
    ///
    /// # Errors
    /// [`MatrixError::Production`], files that cannot be read or are wrong, names that there are not,
    /// [`MatrixError::FixturesFailed`], [`MatrixError::ActorNotTaken`], [`MatrixError::BoundByPolicies`],
    /// [`MatrixError::TooManyRows`], and the server's.
    pub async fn rls_matrix(
        &self,
        request: &MatrixRequest,
        control: &Control,
    ) -> Result<RlsMatrix, Error> {
        let settings = &self.settings;
        if settings.production.value && !request.read_only {
            return Err(MatrixError::Production {
                origin: settings.production.origin.clone(),
            }
            .into());
        }
        let audit = &settings.audit;
        let actors = load_actors(&audit.actors.value, settings.shown(&audit.actors.value))?;
        let actors = chosen(actors, &request.actors)?;
        let scope = audit.scope(&[]);
        let tables = named(&request.tables, &scope)?;
        let expected_file = request.expect.as_ref().map(|expect| match expect {
            KeptMatrix::OfSettings => audit.matrix.value.clone(),
            KeptMatrix::File(path) => path.clone(),
        });
        let expected = match &expected_file {
            Some(file) => Some(kept(file, settings.shown(file))?),
            None => None,
        };
        let fixtures = self.fixtures(request)?;
        let version_table = settings.version_table();
        let trial = Trial {
            actors: &actors,
            scope: &scope,
            tables: &tables,
            version_table: &version_table,
            fixtures: fixtures.as_ref(),
            commands: if request.read_only {
                Commands::Reading
            } else {
                Commands::All
            },
        };
        let link = self.link(&self.run_id(), control).await?;
        let destination = link.view.clone();
        let tried = rolled_back(&link, &trial, control).await;
        let closed = link.close().await;
        let Tried {
            matrix,
            missing_schemas,
        } = tried?;
        closed?;
        let written = if request.write {
            let file = &audit.matrix.value;
            write(file, settings.shown(file), &matrix)?;
            Some(settings.shown(file).to_owned())
        } else {
            None
        };
        let differences = expected.map(|expected| {
            let expected = expected.only(&tables, &request.actors);
            let mut differences = compare(&expected, &matrix);
            if request.read_only {
                differences.retain(holds_for_any_rows);
            }
            differences
        });
        Ok(RlsMatrix {
            destination,
            schemas: scope.schemas.clone(),
            missing_schemas,
            fixtures: fixtures.map(|_| settings.shown(&audit.fixtures.value).to_owned()),
            read_only: request.read_only,
            actors: actors
                .actors
                .iter()
                .map(|actor| MatrixActor {
                    name: actor.name.clone(),
                    role: actor.role.clone(),
                    sub: actor.sub().map(str::to_owned),
                })
                .collect(),
            tables: matrix.into(),
            expected: expected_file.map(|file| settings.shown(&file).to_owned()),
            differences,
            written,
        })
    }

    /// The fixtures of the settings; none where the default file is not there.
    pub(in crate::migrator) fn fixtures(
        &self,
        request: &MatrixRequest,
    ) -> Result<Option<Fixtures>, Error> {
        let fixtures = &self.settings.audit.fixtures;
        let file = &fixtures.value;
        let absent = fixtures.origin == Origin::Default && !file.exists();
        if request.read_only || absent {
            return Ok(None);
        }
        Ok(Some(Fixtures::load(file, self.settings.shown(file))?))
    }
}

/// Tries it in a transaction that is rolled back.
async fn rolled_back(link: &Link, trial: &Trial<'_>, control: &Control) -> Result<Tried, Error> {
    let begin = match trial.commands {
        Commands::All => {
            link.insist_writable()?;
            "begin"
        }
        Commands::Reading => "begin isolation level repeatable read, read only",
    };
    let session = &link.session;
    let tried = async {
        session.begin(begin).await?;
        let tried = trial.run(session).await;
        let ended = session.batch("rollback").await;
        let tried = tried?;
        ended?;
        Ok(tried)
    };
    tokio::select! {
        tried = tried => tried,
        // The server rolls back what is left by the end of the session.
        signal = control.stop() => {
            session.cut("a signal came");
            Err(Error::stopped_before_work(signal))
        }
    }
}

/// Whether a difference is one whatever the rows are: those of a kept matrix are the fixtures', which
/// are not there where it is only read.
fn holds_for_any_rows(difference: &Difference) -> bool {
    match difference {
        Difference::Cell {
            expected, found, ..
        } => (expected.reach == Reach::Refused) != (found.reach == Reach::Refused),
        _ => true,
    }
}

fn chosen(mut actors: Actors, names: &[String]) -> Result<Actors, Error> {
    if let Some(name) = names.iter().find(|name| actors.find(name).is_none()) {
        return Err(MatrixError::UnknownActor {
            actor: name.clone(),
            known: actors.actors.into_iter().map(|one| one.name).collect(),
        }
        .into());
    }
    if !names.is_empty() {
        actors.actors.retain(|actor| names.contains(&actor.name));
    }
    Ok(actors)
}

/// The names of tables as they are typed; one without a schema is of the API's first.
fn named(tables: &[String], scope: &Scope) -> Result<Vec<QualifiedName>, MatrixError> {
    let first = scope.schemas.first();
    tables
        .iter()
        .map(|text| {
            let qualified = QualifiedName::parse(text).ok();
            let bare = || {
                let schema = crate::sql::quote_ident(first?);
                QualifiedName::parse(&format!("{schema}.{text}")).ok()
            };
            qualified
                .or_else(bare)
                .ok_or_else(|| MatrixError::UnknownTable {
                    table: text.clone(),
                    known: Vec::new(),
                })
        })
        .collect()
}
