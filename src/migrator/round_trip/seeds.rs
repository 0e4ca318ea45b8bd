//! Rows for the tables, each loaded as soon as it can be.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::db::{DbError, ServerError, Session};
use crate::diagnostic::{Diagnostic, Place};
use crate::migrator::error::Error;
use crate::migrator::report::{SeedReport, SeedRest};
use crate::migrator::states::StateError;
use crate::source::read_named_sql;
use crate::sql::{self, Refusal, Statement, Surroundings};

/// A file of statements, and which of them were run.
#[derive(Debug, Clone)]
struct Seed {
    shown: PathBuf,
    text: Arc<str>,
    statements: Vec<Statement>,
    /// What became of each.
    fates: Vec<Fate>,
}

#[derive(Debug, Clone)]
enum Fate {
    /// It sets something for those behind it, and is run with each of them.
    Setting,
    /// It begins or ends a transaction: there is none.
    PassedOver,
    Waiting(Option<Box<ServerError>>),
    Done,
}

/// Files of rows. Each statement is run once: behind the first revision at which the server takes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Seeds {
    files: Vec<Seed>,
}

impl Seeds {
    /// Reads files; `folder` is what they are relative to.
    ///
    /// # Errors
    /// [`StateError::BadData`].
    pub(super) async fn load(folder: &Path, files: &[PathBuf]) -> Result<Self, Error> {
        let mut findings = Vec::new();
        let mut seeds = Vec::new();
        for shown in files {
            match seed(&folder.join(shown), shown).await {
                Ok(seed) => seeds.push(seed),
                Err(found) => findings.extend(found),
            }
        }
        if findings.is_empty() {
            Ok(Self { files: seeds })
        } else {
            Err(StateError::BadData { findings }.into())
        }
    }

    /// Whether anything is still to be run.
    pub(super) fn are_left(&self) -> bool {
        self.files.iter().flat_map(|file| &file.fates).any(waits)
    }

    /// Runs what is left, as far as the server takes it.
    ///
    /// # Errors
    /// A session that is lost.
    pub(super) async fn run(&mut self, session: &Session) -> Result<(), DbError> {
        for file in &mut self.files {
            if !file.fates.iter().any(waits) {
                continue;
            }
            for (index, statement) in file.statements.iter().enumerate() {
                if !matches!(file.fates[index], Fate::Setting | Fate::Waiting(_)) {
                    continue;
                }
                let alone = std::slice::from_ref(statement);
                let ran = session.run_script(&file.text, alone, &mut |_| ()).await;
                let fate = match ran.map_err(|failure| failure.error) {
                    Ok(()) => Fate::Done,
                    Err(DbError::Server(error)) => Fate::Waiting(Some(error)),
                    Err(error) => return Err(error),
                };
                if matches!(file.fates[index], Fate::Waiting(_)) {
                    file.fates[index] = fate;
                }
            }
            let afresh = "reset session authorization; reset role; reset all";
            session.batch(afresh).await?;
        }
        Ok(())
    }

    /// What became of the files.
    pub(super) fn report(&self) -> Vec<SeedReport> {
        let report = |file: &Seed| {
            let rest = file.statements.iter().zip(&file.fates);
            let rest = rest.filter_map(|(statement, fate)| match fate {
                Fate::Waiting(error) => Some(SeedRest {
                    place: Place::in_text(&file.shown, &file.text, statement.span),
                    message: error.as_ref().map(|error| error.message.clone()),
                }),
                _ => None,
            });
            SeedReport {
                file: file.shown.clone(),
                loaded: file
                    .fates
                    .iter()
                    .filter(|fate| matches!(fate, Fate::Done))
                    .count(),
                rest: rest.collect(),
            }
        };
        self.files.iter().map(report).collect()
    }
}

fn waits(fate: &Fate) -> bool {
    matches!(fate, Fate::Waiting(_))
}

async fn seed(file: &Path, shown: &Path) -> Result<Seed, Vec<Diagnostic>> {
    let text = read_named_sql(file, shown).await;
    let text = text.map_err(|finding| vec![*finding])?;
    let text = sql::executable(&text).into_owned();
    let refused = sql::refusals(&text, Surroundings::Bare).into_iter();
    let refused = refused.filter(|one| {
        matches!(
            one,
            Refusal::MetaCommand { .. } | Refusal::CopyToClient { .. }
        )
    });
    let refused: Vec<Diagnostic> = refused.map(|one| one.to_diagnostic(shown, &text)).collect();
    if !refused.is_empty() {
        return Err(refused);
    }
    let statements =
        sql::split(&text).map_err(|defect| vec![defect.to_diagnostic(shown, &text)])?;
    let fates = statements.iter().map(|one| {
        let words = one.words(&text, 2);
        match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "ABORT", ..] | ["START", "TRANSACTION"] => {
                Fate::PassedOver
            }
            _ if one.sets_session(&text) => Fate::Setting,
            _ => Fate::Waiting(None),
        }
    });
    Ok(Seed {
        shown: shown.to_owned(),
        fates: fates.collect(),
        statements,
        text: text.into(),
    })
}
