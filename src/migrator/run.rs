//! `upgrade` and `downgrade`: from a target to a report.

use std::time::Instant;

use super::control::Control;
use super::destination::{Link, Reach, version_table};
use super::error::{Error, OneTransaction};
use super::executor::{RunOptions, millis};
use super::gate::Gate;
use super::many_locks;
use super::operations::Migrator;
use super::outcome::Steps;
use super::prepare::{ReadyStep, history_entry, insist_on_one_transaction, obstacle, prepare};
use super::record::RecordedOn;
use super::report::{
    Event, LockEstimate, Operation, PlanReport, PlanStep, RunOutcome, RunReport, ScriptTransaction,
    TransactionScope,
};
use super::standing::{Agreement, Standing};
use crate::bookkeeping::{
    BookkeepingError, Entry, MigrationLock, Outcome, Recording, RowEdit, ensure_registry,
};
use crate::db::{DbError, Session, TransactionEnd};
use crate::graph::{NodeIx, NodeSet, Target};
use crate::plan::Plan;
use crate::revision::Direction;
use crate::source::Versions;

/// What a run is asked to do.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// Which way.
    pub direction: Direction,
    /// Where to.
    pub target: Target,
    /// Really, or only to see.
    pub mode: RunMode,
    /// A word to find the run by in the log.
    pub tag: Option<String>,
    /// Revisions whose files are gone are undone by the scripts that the history kept.
    pub from_history: bool,
    /// Whether the gate judges what an upgrade makes of row-level security; the settings say where
    /// this does not.
    pub rls_gate: Option<bool>,
}

/// How much of a run is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunMode {
    /// All of it.
    Run,
    /// Everything, rolled back at the end.
    Rehearse,
    /// The plan alone.
    DryRun,
}

/// Which steps a run takes.
#[derive(Debug)]
pub(super) enum Aim {
    /// Those that lead to the target.
    Target,
    /// These revisions.
    Nodes(NodeSet),
}

/// What a run answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunAnswer {
    /// What was run.
    Report(RunReport),
    /// What would be.
    Plan(PlanReport),
}

impl Migrator {
    /// Runs the steps that lead to the target, or says what they would be.
    ///
    /// # Errors
    /// Everything that [`Error`] lists; the error says what was done and what was not.
    pub async fn run(&self, request: &RunRequest, control: &Control) -> Result<RunAnswer, Error> {
        self.run_steps_to(&Aim::Target, request, control).await
    }

    /// The same of these revisions alone, whatever the target: none of them is applied and nothing
    /// beneath them is missing, or all of them are and nothing else that is stands on them. It is for
    /// scratch servers: what happens there is nobody's news, and a signal ends the server beneath it.
    pub(super) async fn run_alone_on_scratch(
        &self,
        direction: Direction,
        nodes: NodeSet,
    ) -> Result<(), Error> {
        let request = RunRequest {
            direction,
            target: Target::heads(),
            mode: RunMode::Run,
            tag: None,
            from_history: false,
            rls_gate: Some(false),
        };
        let silent = Control::silent();
        let aim = Aim::Nodes(nodes);
        let ran = Box::pin(self.run_steps_to(&aim, &request, &silent)).await;
        ran.map(|_| ())
    }

    async fn run_steps_to(
        &self,
        aim: &Aim,
        request: &RunRequest,
        control: &Control,
    ) -> Result<RunAnswer, Error> {
        let started = Instant::now();
        let run_id = self.run_id();
        let mut link = self.link(&run_id, control).await?;
        let answer = self
            .run_linked(&mut link, (aim, request), &run_id, started, control)
            .await;
        let closed = link.close().await;
        let answer = answer.map_err(|error| error.or_signal(control.stopped()))?;
        closed?;
        Ok(answer)
    }

    pub(super) async fn run_linked(
        &self,
        link: &mut Link,
        (aim, request): (&Aim, &RunRequest),
        run_id: &str,
        started: Instant,
        control: &Control,
    ) -> Result<RunAnswer, Error> {
        let table = version_table(&self.settings);
        let standing = Standing::read_moment(&link.session, &table, &self.versions).await?;
        let lost;
        let versions = if request.from_history
            && !(standing.unknown.is_empty() && self.versions.gaps.is_empty())
        {
            lost = self.with_lost(&link.session, &table, &standing).await?;
            &lost
        } else {
            &self.versions
        };
        let standing = Standing::of(standing.kept, versions);
        let work = Work {
            migrator: self,
            versions,
            aim,
            request,
            run_id,
            started,
            control,
        };
        if standing.kept.rows().is_empty() && standing.kept.history {
            // Nothing is applied, or the version table was dropped: the history tells.
            standing
                .agreement(&link.session, &table, versions)
                .await?
                .insist()?;
        }
        if standing.unknown.is_empty() {
            let plan = work.plan(&standing)?;
            if plan.steps.is_empty() && request.mode != RunMode::DryRun {
                return Ok(RunAnswer::Report(work.nothing_to_do(link, &standing)));
            }
        }
        if request.mode == RunMode::DryRun {
            return work.dry_run(link, &standing).await.map(RunAnswer::Plan);
        }
        link.insist_writable()?;
        // What cannot be run is refused before anything is locked or created.
        let decided = work.decide(link, &standing, None).await?;
        table.leave_moment(&link.session).await?;
        let lock = self.lock(&link.session, &table, control).await?;
        let done = work.under_lock(link, decided).await;
        release(lock, &link.session, done)
            .await
            .map(RunAnswer::Report)
    }
}

/// What a run is going to do.
struct Decided {
    agreement: Agreement,
    plan: Plan,
    ready: Vec<ReadyStep>,
}

/// One run, from the plan on.
pub(super) struct Work<'a> {
    pub(super) migrator: &'a Migrator,
    versions: &'a Versions,
    aim: &'a Aim,
    request: &'a RunRequest,
    pub(super) run_id: &'a str,
    started: Instant,
    pub(super) control: &'a Control,
}

impl Work<'_> {
    fn operation(&self) -> Operation {
        self.request.direction.into()
    }

    /// Behind a transaction pooler, where the lock goes with its transaction, that is the one.
    fn scope(&self) -> TransactionScope {
        if self.migrator.settings.allow_pooler.value {
            TransactionScope::All
        } else {
            self.migrator.settings.transaction.value
        }
    }

    fn one_transaction(&self) -> bool {
        self.rehearsal() || self.scope() == TransactionScope::All
    }

    fn plan(&self, standing: &Standing) -> Result<Plan, Error> {
        let graph = &self.versions.graph;
        if let Aim::Nodes(nodes) = self.aim {
            return Ok(match self.request.direction {
                Direction::Upgrade => Plan::applying(graph, &standing.applied, nodes),
                Direction::Downgrade => Plan::undoing(graph, &standing.applied, nodes),
            });
        }
        let target = &self.request.target;
        let targets = std::slice::from_ref(target);
        self.migrator.told(match self.request.direction {
            Direction::Upgrade => Plan::upgrade(graph, &standing.applied, targets),
            Direction::Downgrade => Plan::downgrade(graph, &standing.applied, target),
        })
    }

    fn nothing_to_do(&self, link: &Link, standing: &Standing) -> RunReport {
        let pending = self.versions.graph.len() - standing.applied.len();
        self.report(link, standing, RunOutcome::NothingToDo, pending)
    }

    /// The report of a run that took no step yet.
    fn report(
        &self,
        link: &Link,
        standing: &Standing,
        outcome: RunOutcome,
        pending: usize,
    ) -> RunReport {
        let rows = standing.rows();
        RunReport {
            destination: link.view.clone(),
            operation: self.operation(),
            outcome,
            targets: vec![self.request.target.to_string()],
            run_id: (outcome == RunOutcome::Done).then(|| self.run_id.to_owned()),
            tag: self.request.tag.clone(),
            transaction: self.scope(),
            from: rows.clone(),
            stands_at: rows,
            at_head: pending == 0,
            pending,
            steps: Vec::new(),
            adopted: Vec::new(),
            accepted_edits: Vec::new(),
            many_locks: None,
            rls_gate: None,
            duration_ms: millis(self.started),
        }
    }

    async fn dry_run(&self, link: &Link, standing: &Standing) -> Result<PlanReport, Error> {
        let table = version_table(&self.migrator.settings);
        let agreement = standing
            .agreement(&link.session, &table, self.versions)
            .await?;
        agreement.insist()?;
        let plan = self.plan(standing)?;
        let mut rows = standing.rows();
        let mut needed = 0;
        let steps = plan
            .steps
            .iter()
            .map(|step| {
                let revision = self.versions.revision(step.node);
                rows = RowEdit::from(step).applied_to(&rows);
                let (script, obstacle) = match step.direction {
                    Direction::Upgrade => (Some(revision.up()), None),
                    Direction::Downgrade => (revision.down()?, obstacle(revision)),
                };
                if self.one_transaction() {
                    needed += script.map_or(0, |script| many_locks::of_text(&script.text));
                }
                Ok(PlanStep {
                    direction: step.direction,
                    revision: step.revision.clone(),
                    message: revision.header.message.clone(),
                    path: script.map(|script| script.path.clone()),
                    transaction: script
                        .map_or(ScriptTransaction::On, |script| script.settings.transaction),
                    has_verify: step.direction == Direction::Upgrade
                        && revision.verify_file().is_some(),
                    obstacle,
                    rows_after: rows.clone(),
                })
            })
            .collect::<Result<_, Error>>()?;
        Ok(PlanReport {
            destination: link.view.clone(),
            operation: self.operation(),
            targets: vec![self.request.target.to_string()],
            from: standing.rows(),
            to: rows,
            transaction: self.scope(),
            steps,
            to_adopt: agreement.adopted(self.versions),
            many_locks: many_locks::too_many(&link.session, needed).await?,
            dry_run: true,
        })
    }

    /// Holds history and files against each other, plans, and reads the scripts, unless they were
    /// read already for the same plan.
    async fn decide(
        &self,
        link: &Link,
        standing: &Standing,
        earlier: Option<Decided>,
    ) -> Result<Decided, Error> {
        let table = version_table(&self.migrator.settings);
        let agreement = standing
            .agreement(&link.session, &table, self.versions)
            .await?;
        agreement.insist()?;
        let plan = self.plan(standing)?;
        let ready = match earlier {
            Some(earlier) if earlier.plan == plan => earlier.ready,
            _ => prepare(self.versions, &plan, self.reach())?,
        };
        let shared_by = match self.reach() {
            _ if self.rehearsal() => Some(OneTransaction::Rehearsal),
            Reach::Transaction => Some(OneTransaction::Pooler),
            Reach::Session => {
                (self.scope() == TransactionScope::All).then_some(OneTransaction::Scope)
            }
        };
        if let Some(reason) = shared_by {
            insist_on_one_transaction(&ready, reason)?;
        }
        Ok(Decided {
            agreement,
            plan,
            ready,
        })
    }

    fn reach(&self) -> Reach {
        Reach::of(&self.migrator.settings)
    }

    /// Whether the gate judges the steps. What takes back is never kept from it.
    fn is_gated(&self) -> bool {
        let settings = self.migrator.settings.audit.gate.value;
        self.request.direction == Direction::Upgrade && self.request.rls_gate.unwrap_or(settings)
    }

    fn rehearsal(&self) -> bool {
        self.request.mode == RunMode::Rehearse
    }

    /// Everything that happens under the lock. What was decided without it is decided again.
    async fn under_lock(&self, link: &mut Link, decided: Decided) -> Result<RunReport, Error> {
        let rehearsal = self.rehearsal();
        let table = version_table(&self.migrator.settings);
        let mut standing = Standing::read(&link.session, &table, self.versions).await?;
        if !rehearsal {
            if standing.kept.rows.is_none() {
                table.create(&link.session).await?;
            }
            ensure_registry(&mut link.session).await?;
            standing.kept.history = true;
        }
        let decided = self.decide(link, &standing, Some(decided)).await?;
        let Decided {
            agreement, ready, ..
        } = &decided;
        if ready.is_empty() {
            // Another run was faster.
            return Ok(self.nothing_to_do(link, &standing));
        }
        let recording = Recording {
            table,
            run_id: self.run_id.to_owned(),
            tag: self.request.tag.clone(),
        };
        let mut rows = standing.rows();
        let from = rows.clone();
        let steps = Steps {
            recording: &recording,
            from: &from,
            ready,
        };
        if !rehearsal {
            self.adopt(link, &steps, agreement).await?;
        }
        let many_locks = self.warn_of_locks(&link.session, ready).await?;
        self.control.tell(Event::RunStarted {
            operation: self.operation(),
            run_id: self.run_id.to_owned(),
            destination: link.view.clone(),
            steps: ready.len(),
            rehearsal,
        });
        let gate = if self.is_gated() {
            let ends_at_head = ready.len() == self.versions.graph.len() - standing.applied.len();
            Some(Gate::open(self.migrator, &link.session, ends_at_head).await?)
        } else {
            None
        };
        let mut steps = self.run_steps(link, &steps, gate.as_ref()).await?;
        let rls_gate = gate.map(|gate| gate.report());
        for (report, ready) in steps.iter_mut().zip(ready) {
            rows = RowEdit::from(&ready.step).applied_to(&rows);
            report.rows_after.clone_from(&rows);
        }
        let unapplied = self.versions.graph.len() - standing.applied.len();
        if rehearsal {
            return Ok(RunReport {
                steps,
                many_locks,
                rls_gate,
                ..self.report(link, &standing, RunOutcome::Rehearsed, unapplied)
            });
        }
        let pending = match self.request.direction {
            Direction::Upgrade => unapplied - steps.len(),
            Direction::Downgrade => unapplied + steps.len(),
        };
        Ok(RunReport {
            stands_at: rows,
            steps,
            adopted: agreement.adopted(self.versions),
            many_locks,
            rls_gate,
            ..self.report(link, &standing, RunOutcome::Done, pending)
        })
    }

    /// Says so where the run is one transaction that may need more locks than there are.
    async fn warn_of_locks(
        &self,
        session: &Session,
        ready: &[ReadyStep],
    ) -> Result<Option<LockEstimate>, Error> {
        if !self.one_transaction() {
            return Ok(None);
        }
        let scripts = ready.iter().map(|step| &step.script);
        let too_many = many_locks::too_many(session, many_locks::of_ready(scripts)).await?;
        if let Some(estimate) = too_many {
            self.control.tell(Event::ManyLocks { estimate });
        }
        Ok(too_many)
    }

    /// How the steps are run.
    pub(super) fn options(&self) -> RunOptions {
        RunOptions {
            scope: self.scope(),
            rehearsal: self.rehearsal(),
            statement_timeout: self.migrator.statement_timeout(),
            retries: self.migrator.retries(),
            commit_timeout: self.migrator.commit_timeout(),
        }
    }

    /// Writes into the history what another tool had applied.
    async fn adopt(
        &self,
        link: &mut Link,
        steps: &Steps<'_>,
        agreement: &Agreement,
    ) -> Result<(), Error> {
        if agreement.to_adopt.is_empty() {
            return Ok(());
        }
        let (rows, entries) = (
            RowEdit::default(),
            adopted(self.versions, &agreement.to_adopt)?,
        );
        let recorded = self
            .migrator
            .record(link, steps.recording, &rows, &entries, self.control);
        let on = recorded.await?;
        self.control.tell(Event::Adopted {
            revisions: agreement.adopted(self.versions),
        });
        if on == RecordedOn::ALostOne {
            self.go_on(link, steps, &[]).await?;
        }
        Ok(())
    }
}

/// The entries of what another tool had applied.
pub(super) fn adopted(versions: &Versions, nodes: &[NodeIx]) -> Result<Vec<Entry>, Error> {
    let entry = |node: &NodeIx| history_entry(versions, *node, Outcome::Adopted);
    nodes.iter().map(entry).collect()
}

/// Gives the lock back, and passes on what was done under it. Where the link is lost by now, so is
/// the lock, and what was done is done; but for a session that is shared, whose lock goes with the
/// transaction in which all of it was done.
pub(super) async fn release<T>(
    lock: MigrationLock,
    session: &Session,
    done: Result<T, Error>,
) -> Result<T, Error> {
    if session.is_shared() && done.is_err() {
        // Where the link is gone the server rolls back by itself.
        let _gone = session.end_shared(TransactionEnd::Rollback).await;
        return done;
    }
    let released = lock.release(session).await;
    let done = done?;
    if session.is_shared() {
        released?;
        return Ok(done);
    }
    match released {
        Ok(()) | Err(BookkeepingError::Db(DbError::LinkLost { .. })) => Ok(done),
        Err(error) => Err(error.into()),
    }
}
