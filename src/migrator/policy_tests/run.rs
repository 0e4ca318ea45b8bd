//! Tests on a database: one transaction, which is rolled back.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error::PolicyTestError;
use super::load::{PolicyTests, TestRows, test_name};
use crate::db::{Answer, DbError, ServerError, Session, TransactionStatus};
use crate::diagnostic::Place;
use crate::migrator::control::Control;
use crate::migrator::error::{Error, Fate, Interruption};
use crate::migrator::executor::millis;
use crate::migrator::operations::Migrator;
use crate::migrator::report::{
    Event, RlsTest, RlsTestFailure, RlsTestName, RlsTestOutcome, RlsTestResult,
};
use crate::rls::policy_test::{Case, Found, Part, Step, TestFile, Who, become_sql};
use crate::sql::{Span, char_offset, tokenize};

/// How long a cancel request may take to be delivered.
const CANCEL: Duration = Duration::from_secs(5);
/// How many of the rows that came are told.
const ROWS: usize = 10;

impl Migrator {
    /// Runs the tests, in one transaction that is rolled back: first the rows that they want, as the
    /// role that migrates; then each test, and of what it did nothing is left for the next. With
    /// `fail_fast` those behind the first that fails are not run.
    ///
    /// # Errors
    /// [`PolicyTestError::Production`] of a database that is marked so;
    /// [`PolicyTestError::FixturesFailed`] and [`PolicyTestError::ActorNotTaken`], where no test can run; the server's, and a signal.
    pub async fn rls_test(
        &self,
        tests: &PolicyTests,
        fail_fast: bool,
        control: &Control,
    ) -> Result<RlsTest, Error> {
        if self.settings.production.value {
            let origin = self.settings.production.origin.clone();
            return Err(PolicyTestError::Production { origin }.into());
        }
        let begun = Instant::now();
        let link = self.link(&self.run_id(), control).await?;
        let view = link.view.clone();
        let runner = Runner {
            session: &link.session,
            tests,
            fail_fast,
            control,
        };
        let ran = match link.insist_writable() {
            Ok(()) => runner.whole(self.statement_timeout()).await,
            Err(error) => Err(error),
        };
        let closed = link.close().await;
        let results = ran?;
        closed?;
        Ok(RlsTest::new(view, results, millis(begun)))
    }
}

/// What became of a statement.
enum Came {
    Answer(Answer),
    Refused(Box<ServerError>),
}

struct Runner<'a> {
    session: &'a Session,
    tests: &'a PolicyTests,
    fail_fast: bool,
    control: &'a Control,
}

impl Runner<'_> {
    /// The transaction from its beginning to its end.
    async fn whole(&self, statement_timeout: Duration) -> Result<Vec<RlsTestResult>, Error> {
        self.session.begin("begin").await?;
        let timeout = statement_timeout.as_millis();
        let limit = format!("set local statement_timeout = {timeout}");
        let ran = {
            let mut work = pin!(async {
                self.session.batch(&limit).await?;
                self.all().await
            });
            tokio::select! {
                biased;
                ran = &mut work => ran,
                signal = self.control.stop() => {
                    self.control.tell(Event::Cancelling);
                    let cancel = self.session.cancel_handle();
                    let _late = tokio::time::timeout(CANCEL, cancel.cancel()).await;
                    Err(Error::Interrupted(Box::new(Interruption {
                        signal,
                        revision: None,
                        done: Vec::new(),
                        fate: Fate::RunRolledBack,
                        stands_at: None,
                    })))
                }
            }
        };
        // A link that is lost is rolled back by the server.
        let ended = self.session.batch("rollback").await;
        let results = ran?;
        ended?;
        Ok(results)
    }

    async fn all(&self) -> Result<Vec<RlsTestResult>, Error> {
        let mut results: Vec<RlsTestResult> = Vec::new();
        let mut stands: Option<&Arc<TestRows>> = None;
        let mut known: BTreeSet<&Who> = BTreeSet::new();
        self.session.batch("savepoint grace_empty").await?;
        for (file, fixtures) in &self.tests.files {
            if stands != fixtures.as_ref() {
                self.session
                    .batch("rollback to savepoint grace_empty")
                    .await?;
                if let Some(fixtures) = fixtures {
                    self.fixtures(fixtures).await?;
                }
                stands = fixtures.as_ref();
            }
            for step in file.steps() {
                if known.insert(&step.who) {
                    self.try_to_become(&step.who).await?;
                }
            }
            self.file(file, &mut results).await?;
        }
        Ok(results)
    }

    fn become_sql(&self, who: &Who) -> String {
        become_sql(who, &self.tests.actors, &self.tests.schemas)
    }

    /// Makes the rows.
    async fn fixtures(&self, fixtures: &TestRows) -> Result<(), Error> {
        self.session.batch(&self.become_sql(&Who::Migrator)).await?;
        let ran = self
            .session
            .run_script(&fixtures.text, &fixtures.statements, &mut |_| ())
            .await;
        let Err(failure) = ran else {
            return Ok(());
        };
        let DbError::Server(error) = failure.error else {
            return Err(failure.error.into());
        };
        let statement = fixtures.statements[failure.statement].span;
        let span = failure
            .offset
            .map_or(statement, |at| token_at(&fixtures.text, at, statement.end));
        let place = Box::new(Place::in_text(&fixtures.path, &fixtures.text, span));
        Err(PolicyTestError::FixturesFailed { place, error }.into())
    }

    /// Whether the session can become that actor at all.
    async fn try_to_become(&self, who: &Who) -> Result<(), Error> {
        let Some(actor) = who.actor(&self.tests.actors) else {
            return Ok(());
        };
        let sql = format!("savepoint grace_step; {}", self.become_sql(who));
        let became = self.session.batch(&sql).await;
        match became {
            Err(DbError::Server(error)) => Err(PolicyTestError::ActorNotTaken {
                actor: actor.name.clone(),
                role: actor.role.clone(),
                error,
            }
            .into()),
            Err(error) => Err(error.into()),
            Ok(()) => {
                let back = "rollback to savepoint grace_step; release savepoint grace_step";
                Ok(self.session.batch(back).await?)
            }
        }
    }

    async fn file(&self, file: &TestFile, results: &mut Vec<RlsTestResult>) -> Result<(), Error> {
        self.session.batch("savepoint grace_file").await?;
        // Why no more of the file's tests run.
        let mut over = None;
        for part in &file.parts {
            if self.fail_fast && results.iter().any(|one| one.failure.is_some()) {
                over = over.or(Some(RlsTestOutcome::Stopped));
            }
            match (part, over) {
                (Part::SetUp(_), Some(_)) => {}
                (Part::Case(case), Some(outcome)) => results.push(RlsTestResult {
                    test: test_name(file, case),
                    outcome,
                    duration_ms: 0,
                    failure: None,
                }),
                (Part::SetUp(step), None) => {
                    let begun = Instant::now();
                    if let Some(failure) = self.step(file, step).await? {
                        over = Some(RlsTestOutcome::SetUpFailed);
                        let line = step.statement.line;
                        let test = RlsTestName {
                            path: file.path.clone(),
                            line,
                            name: format!("set-up, line {line}"),
                        };
                        results.push(result(test, Some(failure), begun));
                    }
                }
                (Part::Case(case), None) => {
                    let test = test_name(file, case);
                    self.control.tell(Event::TestStarted {
                        done: results.len(),
                        test: test.clone(),
                    });
                    let begun = Instant::now();
                    let failure = self.case(file, case).await?;
                    results.push(result(test, failure, begun));
                }
            }
        }
        let back = "rollback to savepoint grace_file; release savepoint grace_file";
        Ok(self.session.batch(back).await?)
    }

    /// Runs a test up to its first failure, and takes back what it did.
    async fn case(&self, file: &TestFile, case: &Case) -> Result<Option<RlsTestFailure>, Error> {
        self.session.batch("savepoint grace_case").await?;
        let mut failure = None;
        for step in &case.steps {
            failure = self.step(file, step).await?;
            if failure.is_some() {
                break;
            }
        }
        let back = "rollback to savepoint grace_case; release savepoint grace_case";
        self.session.batch(back).await?;
        Ok(failure)
    }

    /// Runs a statement; what it did stays, unless the server refused it.
    async fn step(&self, file: &TestFile, step: &Step) -> Result<Option<RlsTestFailure>, Error> {
        // Whoever the statement before was asked by, or made the session.
        let before = format!("savepoint grace_step; {}", self.become_sql(&step.who));
        let became = self.session.batch(&before).await;
        let came = match became {
            Ok(()) => self.statement(file, step).await?,
            Err(DbError::Server(error)) => Came::Refused(error),
            Err(error) => return Err(error.into()),
        };
        if self.session.transaction_status() == TransactionStatus::Idle {
            return Err(DbError::TransactionEnded.into());
        }
        let after = match &came {
            Came::Answer(_) => "release savepoint grace_step",
            Came::Refused(_) => "rollback to savepoint grace_step; release savepoint grace_step",
        };
        self.session.batch(after).await?;
        Ok(self.judged(file, step, came))
    }

    async fn statement(&self, file: &TestFile, step: &Step) -> Result<Came, Error> {
        let answered = if step.statement.copy_data.is_some() {
            let statement = std::slice::from_ref(&step.statement);
            let mut progress = |_| ();
            let ran = self
                .session
                .run_script(&file.text, statement, &mut progress);
            match ran.await {
                Ok(()) => Ok(Answer::default()),
                Err(failure) => Err(failure.error),
            }
        } else {
            let answers = self.session.answers(step.statement.text(&file.text)).await;
            answers.map(|mut answers| answers.pop().unwrap_or_default())
        };
        match answered {
            Ok(answer) => Ok(Came::Answer(answer)),
            Err(DbError::Server(error)) => Ok(Came::Refused(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// How what came is not what was expected.
    fn judged(&self, file: &TestFile, step: &Step, came: Came) -> Option<RlsTestFailure> {
        let found = match &came {
            Came::Answer(answer) => Found::Rows {
                tuples: &answer.rows,
                count: answer.count,
            },
            Came::Refused(error) => Found::Error {
                sqlstate: error.sqlstate.as_str(),
                message: &error.message,
            },
        };
        let is_met = match &step.expectation {
            Some(expectation) => expectation.is_met_by(found),
            None => matches!(found, Found::Rows { .. }),
        };
        if is_met {
            return None;
        }
        let (mut rows, count, error) = match came {
            Came::Answer(answer) => (answer.rows, Some(answer.count), None),
            Came::Refused(error) => (Vec::new(), None, Some(*error)),
        };
        let more_rows = rows.len().saturating_sub(ROWS);
        rows.truncate(ROWS);
        let actor = step.who.actor(&self.tests.actors);
        Some(RlsTestFailure {
            place: place(file, step, error.as_ref()),
            statement: step.statement.text(&file.text).to_owned(),
            actor: step.who.to_string(),
            role: actor.map(|actor| actor.role.clone()),
            expected: step.expectation.as_ref().map(ToString::to_string),
            count,
            rows,
            more_rows,
            error,
        })
    }
}

fn result(test: RlsTestName, failure: Option<RlsTestFailure>, begun: Instant) -> RlsTestResult {
    RlsTestResult {
        test,
        outcome: match failure {
            None => RlsTestOutcome::Passed,
            Some(_) => RlsTestOutcome::Failed,
        },
        duration_ms: millis(begun),
        failure,
    }
}

/// The statement, or the place in it that the server speaks of.
fn place(file: &TestFile, step: &Step, error: Option<&ServerError>) -> Place {
    let statement = step.statement.span;
    let offset = error
        .and_then(|error| usize::try_from(error.position?).ok())
        .and_then(|position| char_offset(statement.text(&file.text), position))
        .map(|offset| statement.start + offset);
    let span = offset.map_or(statement, |at| token_at(&file.text, at, statement.end));
    Place::in_text(&file.path, &file.text, span)
}

/// The token at byte `at` of `text`, which ends at `end` at the latest.
fn token_at(text: &str, at: usize, end: usize) -> Span {
    let at = at.min(end);
    let length = tokenize(&text[at..end])
        .next()
        .map_or(0, |token| token.span.len());
    Span::new(at, at + length)
}
