//! The declared schema: its SQL, run in a scratch database in an order in which it runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::StateError;
use super::scratch::Scratch;
use crate::config::DeclaredSource;
use crate::db::{Answer, DbError, ScriptFailure, ServerError, Session, SqlState, sent_at_once};
use crate::diagnostic::{Diagnostic, Place};
use crate::migrator::error::Error;
use crate::migrator::operations::Migrator;
use crate::source::{SqlText, declared_by_command, declared_files};
use crate::sql::{self, Refusal, Span, Statement, Surroundings};

/// What the session is told behind each text: the next one begins as in a session of its own.
const AFRESH: &str = "reset session authorization; reset role; reset all";

/// The same, where functions are made before what they name.
const AFRESH_UNCHECKED: &str =
    "reset session authorization; reset role; reset all; set check_function_bodies = off";

impl Migrator {
    /// The SQL of the declared schema.
    pub(in crate::migrator) async fn declared(&self) -> Result<Vec<SqlText>, Error> {
        let settings = &self.settings;
        let root = &settings.root;
        match &settings.declared.source.value {
            DeclaredSource::Files(files) => {
                let texts = declared_files(root, files);
                let texts = texts.map_err(|findings| StateError::BadFile { findings })?;
                let none = || StateError::NoDeclared {
                    files: files
                        .iter()
                        .map(|file| settings.shown(file).to_owned())
                        .collect(),
                };
                Ok(texts.ok_or_else(none)?)
            }
            DeclaredSource::Command(command) => {
                let told = declared_by_command(root, command).await;
                let told = told.map_err(|failure| StateError::CommandFailed {
                    command: command.clone(),
                    failure,
                })?;
                Ok(vec![told])
            }
        }
    }
}

/// A scratch database in which the declared schema was made.
pub(super) async fn load_declared(
    texts: Vec<SqlText>,
    scratch: &mut Scratch<'_>,
) -> Result<Session, Error> {
    let texts = split(texts)?;
    let session = scratch.database().await?;
    let loaded = Loading {
        session: &session,
        texts,
        bodies: Bodies::Checked,
        unchecked: Vec::new(),
    }
    .load()
    .await;
    match loaded {
        Ok(()) => Ok(session),
        Err(error) => {
            session.close().await;
            Err(error)
        }
    }
}

/// A text, and what of it is still to be run.
struct Pending {
    shown: PathBuf,
    text: Arc<str>,
    statements: Vec<Statement>,
    done: Vec<bool>,
}

impl Pending {
    /// Whether it is one transaction, sent as one message.
    fn is_whole(&self) -> bool {
        sent_at_once(&self.text, &self.statements)
            && !self
                .statements
                .iter()
                .any(|one| ends_transaction(one, &self.text))
    }
}

/// Whether a function's body is looked at when it is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bodies {
    Checked,
    /// Functions that name each other, or what is made of them, can be made in no order otherwise.
    Unchecked,
}

/// A statement that failed for now: which text, and how.
struct Failed {
    text: usize,
    failure: Box<ScriptFailure>,
}

/// Functions that were made unchecked by a statement.
struct Unchecked {
    text: usize,
    statement: usize,
    /// The oids behind this one, and up to the other.
    after: u32,
    to: u32,
}

struct Loading<'s> {
    session: &'s Session,
    texts: Vec<Pending>,
    bodies: Bodies,
    unchecked: Vec<Unchecked>,
}

/// The statements of texts; what is for psql is told, of all texts at once.
fn split(texts: Vec<SqlText>) -> Result<Vec<Pending>, StateError> {
    let mut findings = Vec::new();
    let mut pending = Vec::new();
    for SqlText { shown, text } in texts {
        let refused = sql::refusals(&text, Surroundings::Bare).into_iter();
        findings.extend(refused.filter_map(|refusal| refused_by(&refusal, &shown, &text)));
        match sql::split(&text) {
            Ok(statements) => pending.push(Pending {
                done: vec![false; statements.len()],
                shown,
                text: text.into(),
                statements,
            }),
            Err(defect) => findings.push(defect.to_diagnostic(&shown, &text)),
        }
    }
    if findings.is_empty() {
        pending.retain(|one| !one.statements.is_empty());
        Ok(pending)
    } else {
        Err(StateError::BadFile { findings })
    }
}

/// Transactions are of no matter here, and a command for psql that changes nothing is passed over.
fn refused_by(refusal: &Refusal, shown: &Path, text: &str) -> Option<Diagnostic> {
    match refusal {
        Refusal::MetaCommand { .. } | Refusal::CopyToClient { .. } => {
            Some(refusal.to_diagnostic(shown, text))
        }
        _ => None,
    }
}

impl Loading<'_> {
    /// Runs everything: whole texts first, and what needs something that is not there yet behind
    /// the others, for as long as that gets further; then statement by statement.
    async fn load(mut self) -> Result<(), Error> {
        while self.round().await? == Progress::Some {}
        loop {
            let Some((failed, progress)) = self.round_of_statements().await? else {
                break;
            };
            match (progress, self.bodies) {
                (Progress::Some, _) => {}
                (Progress::None, Bodies::Checked) => self.bodies = Bodies::Unchecked,
                (Progress::None, Bodies::Unchecked) => return Err(self.error(failed)),
            }
        }
        self.look_at_bodies().await
    }

    /// Every text that is left and is one message, each as a whole: all of it, or nothing.
    async fn round(&mut self) -> Result<Progress, Error> {
        let mut progress = Progress::None;
        for text in 0..self.texts.len() {
            let one = &self.texts[text];
            if one.done.iter().all(|done| *done) || !one.is_whole() {
                continue;
            }
            match self.run(&one.text, &one.statements).await? {
                Ok(()) => {
                    self.texts[text].done.fill(true);
                    progress = Progress::Some;
                }
                Err(failure) => {
                    let failed = Failed { text, failure };
                    if !may_wait(&failed.failure.error) {
                        return Err(self.error(failed));
                    }
                }
            }
        }
        Ok(progress)
    }

    /// Every statement that is left, each by itself, under the settings that its text makes.
    async fn round_of_statements(&mut self) -> Result<Option<(Failed, Progress)>, Error> {
        let (mut first, mut progress) = (None, Progress::None);
        for text in 0..self.texts.len() {
            if self.texts[text].done.iter().all(|done| *done) {
                continue;
            }
            self.session.batch(self.afresh()).await?;
            for statement in 0..self.texts[text].statements.len() {
                let one = &self.texts[text];
                let is_setting = one.statements[statement].sets_session(&one.text);
                if one.done[statement] && !is_setting {
                    continue;
                }
                match self.run_statement(text, statement).await? {
                    Ok(()) => {
                        if !std::mem::replace(&mut self.texts[text].done[statement], true) {
                            progress = Progress::Some;
                        }
                    }
                    Err(failure) => {
                        let failed = Failed { text, failure };
                        if !may_wait(&failed.failure.error) {
                            return Err(self.error(failed));
                        }
                        first.get_or_insert(failed);
                    }
                }
            }
        }
        self.session.batch(AFRESH).await?;
        Ok(first.map(|failed| (failed, progress)))
    }

    /// Runs a text as a whole.
    async fn run(
        &self,
        text: &Arc<str>,
        statements: &[Statement],
    ) -> Result<Result<(), Box<ScriptFailure>>, Error> {
        let ran = self
            .session
            .run_script_and(text, statements, self.afresh(), &mut |_| ())
            .await;
        match ran {
            Ok(behind) => {
                behind?;
                Ok(Ok(()))
            }
            Err(failure) => {
                if failure.error.server().is_none() {
                    return Err(failure.error.into());
                }
                Ok(Err(failure))
            }
        }
    }

    /// Runs one statement of a text; those that begin and end transactions are passed over.
    async fn run_statement(
        &mut self,
        text: usize,
        statement: usize,
    ) -> Result<Result<(), Box<ScriptFailure>>, Error> {
        let one = &self.texts[text];
        let alone = &one.statements[statement..=statement];
        if ends_transaction(&alone[0], &one.text) {
            return Ok(Ok(()));
        }
        let unchecked = self.bodies == Bodies::Unchecked && makes_function(&alone[0], &one.text);
        let after = if unchecked {
            self.last_function().await?
        } else {
            0
        };
        let ran = self.session.run_script(&one.text, alone, &mut |_| ()).await;
        if let Err(mut failure) = ran {
            if failure.error.server().is_none() {
                return Err(failure.error.into());
            }
            failure.statement = statement;
            return Ok(Err(failure));
        }
        if unchecked {
            let to = self.last_function().await?;
            self.unchecked.push(Unchecked {
                text,
                statement,
                after,
                to,
            });
        }
        Ok(Ok(()))
    }

    /// The functions that were made unchecked, looked at now that everything is there.
    async fn look_at_bodies(&self) -> Result<(), Error> {
        for one in &self.unchecked {
            let of = &self.texts[one.text];
            for setting in &of.statements[..one.statement] {
                if setting.sets_session(&of.text) {
                    self.session.batch(setting.text(&of.text)).await?;
                }
            }
            let (after, to) = (one.after, one.to);
            let functions = format!(
                "set check_function_bodies = on; \
                 select format('select %s(%s)', l.lanvalidator::pg_catalog.regproc, p.oid) \
                 from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang \
                 where p.oid > {after} and p.oid <= {to} and l.lanvalidator <> 0 order by p.oid"
            );
            let found = self.session.answers(&functions).await?;
            for look in texts_of(&found) {
                let looked = self.session.batch(&look).await;
                let Err(DbError::Server(error)) = looked else {
                    looked?;
                    continue;
                };
                let statement = of.statements[one.statement];
                let span = in_body(&error, statement, &of.text).unwrap_or(statement.span);
                return Err(StateError::DeclaredFailed {
                    place: Some(Place::in_text(&of.shown, &of.text, span)),
                    error,
                }
                .into());
            }
            self.session.batch(AFRESH).await?;
        }
        Ok(())
    }

    async fn last_function(&self) -> Result<u32, Error> {
        let asked = "select p.oid::text from pg_catalog.pg_proc p order by p.oid desc limit 1";
        let answers = self.session.answers(asked).await?;
        Ok(texts_of(&answers)
            .next()
            .and_then(|oid| oid.parse().ok())
            .unwrap_or_default())
    }

    fn afresh(&self) -> &'static str {
        match self.bodies {
            Bodies::Checked => AFRESH,
            Bodies::Unchecked => AFRESH_UNCHECKED,
        }
    }

    fn error(&self, failed: Failed) -> Error {
        let one = &self.texts[failed.text];
        let failure = failed.failure;
        let span = match failure.offset {
            Some(offset) => Some(Span::new(offset, offset)),
            None => one.statements.get(failure.statement).map(|one| one.span),
        };
        let place = span.map(|span| Place::in_text(&one.shown, &one.text, span));
        match failure.error {
            DbError::Server(error) => StateError::DeclaredFailed { place, error }.into(),
            other => other.into(),
        }
    }
}

/// Whether a round got further.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    None,
    Some,
}

/// Whether the statement may run once others have: it names something that is not there, or it
/// cannot run among others.
fn may_wait(error: &DbError) -> bool {
    let Some(error) = error.server() else {
        return false;
    };
    matches!(
        error.sqlstate,
        SqlState::INVALID_SCHEMA_NAME
            | SqlState::UNDEFINED_OBJECT
            | SqlState::UNDEFINED_COLUMN
            | SqlState::UNDEFINED_FUNCTION
            | SqlState::UNDEFINED_TABLE
            | SqlState::DEPENDENT_OBJECTS_STILL_EXIST
            | SqlState::ACTIVE_SQL_TRANSACTION
            | SqlState::UNSAFE_NEW_ENUM_VALUE_USAGE
            | SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE
            | SqlState::INVALID_FOREIGN_KEY
            | SqlState::INVALID_TEXT_REPRESENTATION
            | SqlState::DATATYPE_MISMATCH
            | SqlState::CANNOT_COERCE
    )
}

/// The first column of the last answer.
fn texts_of(answers: &[Answer]) -> impl Iterator<Item = String> {
    let rows = answers.last().into_iter().flat_map(|one| &one.rows);
    rows.filter_map(|row| row.first().cloned().flatten())
}

fn ends_transaction(statement: &Statement, text: &str) -> bool {
    let words = statement.words(text, 2);
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "ABORT", ..] => true,
        ["START", second] => second == "TRANSACTION",
        _ => false,
    }
}

fn makes_function(statement: &Statement, text: &str) -> bool {
    let words = statement.words(text, 4);
    words.first().is_some_and(|word| word == "CREATE")
        && words
            .iter()
            .any(|word| word == "FUNCTION" || word == "PROCEDURE")
}

/// Where the body of a function's statement is at fault, as far as the server tells.
fn in_body(error: &ServerError, statement: Statement, text: &str) -> Option<Span> {
    let (body, position) = (error.internal_query.as_deref()?, error.internal_position?);
    let start = statement.span.start + statement.text(text).find(body)?;
    let chars = usize::try_from(position.checked_sub(1)?).ok()?;
    let (at, _) = body.char_indices().nth(chars)?;
    Some(Span::new(start + at, start + at))
}
