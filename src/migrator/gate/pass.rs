//! Where a step meets the gate.

use crate::migrator::error::{Error, StepCause};
use crate::migrator::executor::{At, Course, Executor};
use crate::migrator::trouble::Trouble;

/// In which the gate judges what is done already. It is rolled back.
const BEHIND: &str = "begin; set local search_path = ''; set local row_security = off; \
     set local session_authorization to default; set local role to default";

impl Executor<'_> {
    /// Has the gate judge what a step made, whose record is written and whose transaction is open.
    /// `before` is what [`super::CHANGES`] told before it.
    pub(in crate::migrator) async fn pass_gate(
        &self,
        at: &At<'_>,
        before: Option<i64>,
    ) -> Result<(), Trouble> {
        let Some(gate) = self.gate else {
            return Ok(());
        };
        let is_last = at.index + 1 == at.steps;
        let (judged, signal) = self
            .cancellable(gate.judge(self.session, before, is_last))
            .await;
        // What was said of a trial is no word of the next script's.
        drop(self.session.drain_notices());
        if let Some(signal) = signal {
            return Err(Trouble::Signal(signal));
        }
        let cause = match judged {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(refusal)) => StepCause::Gate(Box::new(refusal)),
            Err(Error::Matrix(error)) => StepCause::GateBroken(Box::new(error)),
            Err(Error::Db(error)) => return Err(error.into()),
            Err(other) => StepCause::Link(other.to_string()),
        };
        Err(Trouble::Cause(cause, None))
    }

    /// The same for a step outside a transaction, which is done by now.
    pub(in crate::migrator) async fn pass_gate_behind(
        &self,
        at: &At<'_>,
        course: &mut Course,
    ) -> Result<(), Trouble> {
        if self.gate.is_none() {
            return Ok(());
        }
        course.recorded = true;
        self.session.batch(BEHIND).await?;
        let passed = self.pass_gate(at, None).await;
        self.session.batch("rollback").await?;
        passed
    }
}
