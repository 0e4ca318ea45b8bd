//! Rows that are made for the occasion, from the file of the settings.

use super::error::ExplainError;
use crate::config::Settings;
use crate::db::{DbError, Session};
use crate::diagnostic::Place;
use crate::migrator::error::Error;
use crate::sql::{Span, Surroundings, char_offset, refusals};

/// The text of the fixtures.
pub(super) struct Fixtures {
    text: String,
    shown: std::path::PathBuf,
}

impl Fixtures {
    /// Reads the file of the settings.
    pub(super) fn load(settings: &Settings) -> Result<Self, ExplainError> {
        if settings.production.value {
            return Err(ExplainError::Production);
        }
        let path = &settings.audit.fixtures.value;
        let shown = settings.shown(path).to_owned();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(source) => {
                return Err(ExplainError::NoFixtures {
                    path: shown,
                    reason: source.to_string(),
                });
            }
        };
        let findings: Vec<_> = refusals(&text, Surroundings::TransactionBlock)
            .iter()
            .map(|refusal| refusal.to_diagnostic(&shown, &text))
            .collect();
        if findings.is_empty() {
            Ok(Self { text, shown })
        } else {
            Err(ExplainError::BadFixtures { findings })
        }
    }

    /// Makes the rows, as the role that migrates.
    pub(super) async fn make(&self, session: &Session) -> Result<(), Error> {
        match session.batch(&self.text).await {
            Ok(()) => {}
            Err(DbError::Server(error)) => {
                let position = error.position.and_then(|at| usize::try_from(at).ok());
                let at = position.and_then(|position| char_offset(&self.text, position));
                let place = at.map(|at| Place::in_text(&self.shown, &self.text, Span::new(at, at)));
                return Err(ExplainError::FixturesFailed { place, error }.into());
            }
            Err(error) => return Err(error.into()),
        }
        // Whatever the rows needed to be made is nobody's business any more. With constraints that
        // wait, the table could not be altered.
        let after = "set constraints all immediate; set local role to default; \
                     set local search_path = ''; set local row_security = off";
        match session.batch(after).await {
            Err(DbError::Server(error)) => {
                Err(ExplainError::FixturesFailed { place: None, error }.into())
            }
            ended => Ok(ended?),
        }
    }
}
