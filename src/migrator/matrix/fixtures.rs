//! The rows on which access is tried.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::MatrixError;
use crate::db::{DbError, Session};
use crate::diagnostic::Place;
use crate::migrator::error::Error;
use crate::rls::Scope;
use crate::sql::{self, Span, Statement, Surroundings, quote_ident, quote_literal};

/// A script that makes rows, checked and ready to run in a transaction of somebody else's.
#[derive(Debug, Clone)]
pub struct Fixtures {
    path: PathBuf,
    text: Arc<str>,
    statements: Vec<Statement>,
}

impl Fixtures {
    /// Loads the script at `file`, which is shown as `path`.
    ///
    /// # Errors
    /// [`MatrixError::NoFixtures`] where it cannot be read, [`MatrixError::BadFixtures`] with everything in it
    /// that cannot run in a transaction of somebody else's.
    pub fn load(file: &Path, path: &Path) -> Result<Self, MatrixError> {
        let bytes = std::fs::read(file).map_err(|error| MatrixError::NoFixtures {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let bad = |findings| MatrixError::BadFixtures { findings };
        let text = sql::decode(&bytes).map_err(|defect| bad(vec![defect.to_diagnostic(path)]))?;
        let refusals = sql::refusals(text, Surroundings::TransactionBlock);
        if !refusals.is_empty() {
            let findings = refusals.iter().map(|one| one.to_diagnostic(path, text));
            return Err(bad(findings.collect()));
        }
        let statements =
            sql::split(text).map_err(|defect| bad(vec![defect.to_diagnostic(path, text)]))?;
        Ok(Self {
            path: path.to_owned(),
            text: text.into(),
            statements,
        })
    }

    /// Runs it, with the schemas of the API in the path; the role is put back.
    pub(in crate::migrator) async fn run(
        &self,
        session: &Session,
        scope: &Scope,
    ) -> Result<(), Error> {
        if self.statements.is_empty() {
            return Ok(());
        }
        let path: Vec<String> = scope.schemas.iter().map(|name| quote_ident(name)).collect();
        let answers = session
            .answers(&format!(
                "set local search_path = {}; select pg_catalog.current_setting('role')",
                path.join(", ")
            ))
            .await?;
        let role = answers.last().and_then(|answer| answer.value(0));
        let role = role.unwrap_or("none").to_owned();
        let ran = session
            .run_script(&self.text, &self.statements, &mut |_| ())
            .await;
        if let Err(failure) = ran {
            let statement = self.statements.get(failure.statement);
            let span = match failure.offset {
                Some(offset) => Some(Span::new(offset, offset)),
                None => statement.map(|one| one.span),
            };
            let place = span.map(|span| Place::in_text(&self.path, &self.text, span));
            return Err(match failure.error {
                DbError::Server(error) => MatrixError::FixturesFailed { place, error }.into(),
                other => other.into(),
            });
        }
        session
            .batch(&format!(
                "select pg_catalog.set_config('role', {}, true); \
                 set local search_path = ''; set local row_security = off",
                quote_literal(&role)
            ))
            .await?;
        Ok(())
    }
}
