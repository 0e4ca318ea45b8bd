//! The matrix that is kept in the repository, held against what the last step made.

use crate::config::{Origin, Setting, load_actors};
use crate::db::Session;
use crate::migrator::error::Error;
use crate::migrator::matrix::{Commands, Fixtures, MatrixRequest, Trial, kept};
use crate::migrator::operations::Migrator;
use crate::migrator::report::GateMatrix;
use crate::rls::matrix::{Difference, Matrix, TableMatrix, compare, pinned};
use crate::rls::{Actors, Audit, Scope};
use crate::schema::Schema;
use crate::sql::QualifiedName;

/// What is kept, and how it is tried.
pub(super) struct Kept {
    matrix: Matrix,
    /// The version table, which is not the project's.
    version_table: QualifiedName,
    /// Who tries it, on which rows; none where only what decides is compared.
    tried: Option<(Actors, Option<Fixtures>)>,
}

impl Kept {
    /// Loads what the settings name; none where they name nothing and there is nothing.
    ///
    /// # Errors
    /// Files that cannot be read or are wrong.
    pub(super) fn load(migrator: &Migrator) -> Result<Option<Self>, Error> {
        let settings = &migrator.settings;
        let audit = &settings.audit;
        let is_absent = |setting: &Setting<std::path::PathBuf>| {
            setting.origin == Origin::Default && !setting.value.exists()
        };
        if is_absent(&audit.matrix) {
            return Ok(None);
        }
        let file = &audit.matrix.value;
        let matrix = kept(file, settings.shown(file))?;
        let tried = if is_absent(&audit.actors) {
            None
        } else {
            let actors = load_actors(&audit.actors.value, settings.shown(&audit.actors.value))?;
            Some((actors, migrator.fixtures(&MatrixRequest::default())?))
        };
        Ok(Some(Self {
            matrix,
            version_table: settings.version_table(),
            tried,
        }))
    }

    /// The same without trying anything: rows that are there would count, or may not be touched.
    pub(super) fn without_trying(mut self) -> Self {
        self.tried = None;
        self
    }

    /// What is compared.
    pub(super) fn report(&self) -> GateMatrix {
        match self.tried {
            Some(_) => GateMatrix::Tried,
            None => GateMatrix::Decisive,
        }
    }

    /// Where what the open transaction holds is not what is kept.
    ///
    /// # Errors
    /// Those of [`Trial::run`].
    pub(super) async fn differences(
        &self,
        session: &Session,
        scope: &Scope,
        schema: &Schema,
    ) -> Result<Vec<Difference>, Error> {
        if let Some((actors, fixtures)) = &self.tried {
            let trial = Trial {
                actors,
                scope,
                tables: &[],
                version_table: &self.version_table,
                fixtures: fixtures.as_ref(),
                commands: Commands::All,
            };
            let tried = trial.run(session).await?;
            return Ok(compare(&self.matrix, &tried.matrix));
        }
        let audit = Audit { schema, scope };
        let tables = audit
            .tables()
            .filter(|table| table.name != self.version_table);
        let tables = tables.map(|table| {
            let decisive = TableMatrix {
                pinned: pinned(table, &scope.api_roles),
                ..TableMatrix::default()
            };
            (table.name.clone(), decisive)
        });
        let found = Matrix {
            tables: tables.collect(),
        };
        let mut differences = compare(&self.matrix, &found);
        differences
            .retain(|one| matches!(one, Difference::Pinned { .. } | Difference::Table { .. }));
        Ok(differences)
    }
}
