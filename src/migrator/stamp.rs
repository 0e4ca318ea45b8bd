//! `stamp`: the version table is set to a target; no script runs.

use std::time::Instant;

use super::control::Control;
use super::destination::Link;
use super::error::Error;
use super::executor::millis;
use super::operations::Migrator;
use super::prepare::history_entry;
use super::report::{EnsureVersion, OfflineReport, Operation, PlanReport, RunOutcome, RunReport};
use super::run::{adopted, release};
use super::standing::{Agreement, Standing};
use crate::bookkeeping::{Entry, Kept, Outcome, Recording, RowEdit, ensure_registry, last_entries};
use crate::graph::{AppliedSet, NodeIx, Target, TargetRange};
use crate::revision::RevisionId;

/// What `stamp` is asked to do.
#[derive(Debug, Clone)]
pub struct StampRequest {
    /// Where the database is said to stand.
    pub targets: Vec<Target>,
    /// Every row goes first, also rows that no file knows.
    pub purge: bool,
    /// Only say what would change.
    pub dry_run: bool,
    /// A word to find it by in the log.
    pub tag: Option<String>,
}

/// What `stamp` answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StampAnswer {
    /// What was changed.
    Report(RunReport),
    /// What would be.
    Plan(PlanReport),
}

impl Migrator {
    /// Sets the version table to the targets.
    ///
    /// # Errors
    /// Targets that name nothing, rows that no file knows (unless they are purged), the server's.
    pub async fn stamp(
        &self,
        request: &StampRequest,
        control: &Control,
    ) -> Result<StampAnswer, Error> {
        let started = Instant::now();
        let run_id = self.run_id();
        let mut link = self.link(&run_id, control).await?;
        let answer = async {
            let table = self.table();
            let standing = Standing::read_moment(&link.session, &table, &self.versions).await?;
            let after = self.stamped(request, &standing)?;
            if request.dry_run {
                return Ok(StampAnswer::Plan(
                    self.stamp_plan(&link, request, &standing, &after),
                ));
            }
            let agreement = standing
                .agreement(&link.session, &table, &self.versions)
                .await?;
            if self.rows_of(&after) == standing.rows()
                && standing.kept.rows.is_some()
                && agreement.holes(&after).next().is_none()
                && agreement.beyond(&after, &self.versions).next().is_none()
            {
                let report =
                    self.stamp_report(&link, request, &standing.rows(), &after, started, None);
                return Ok(StampAnswer::Report(report));
            }
            link.insist_writable()?;
            table.leave_moment(&link.session).await?;
            let lock = self.lock(&link.session, &self.table(), control).await?;
            let done = self
                .stamp_locked(&mut link, request, &run_id, started, control)
                .await;
            release(lock, &link.session, done).await
        }
        .await;
        let closed = link.close().await;
        let answer = answer.map_err(|error: Error| error.or_signal(control.stopped()))?;
        closed?;
        Ok(answer)
    }

    async fn stamp_locked(
        &self,
        link: &mut Link,
        request: &StampRequest,
        run_id: &str,
        started: Instant,
        control: &Control,
    ) -> Result<StampAnswer, Error> {
        let table = self.table();
        let mut standing = Standing::read(&link.session, &table, &self.versions).await?;
        let after = self.stamped(request, &standing)?;
        if standing.kept.rows.is_none() {
            table.create(&link.session).await?;
        }
        ensure_registry(&mut link.session).await?;
        standing.kept.history = true;
        let agreement = standing
            .agreement(&link.session, &table, &self.versions)
            .await?;
        let recording = Recording {
            table,
            run_id: run_id.to_owned(),
            tag: request.tag.clone(),
        };
        let change = RowEdit::between(&standing.rows(), &self.rows_of(&after));
        let holes = agreement.holes(&after).collect();
        let mut entries = adopted(&self.versions, &agreement.to_adopt)?;
        entries.extend(self.forgotten(&standing, &agreement, &after));
        entries.extend(self.stamp_entries(&standing, &after, holes)?);
        self.record_at_last(link, &recording, &change, &entries, control)
            .await?;
        let rows = standing.rows();
        Ok(StampAnswer::Report(RunReport {
            adopted: agreement.adopted(&self.versions),
            ..self.stamp_report(link, request, &rows, &after, started, Some(run_id))
        }))
    }

    /// The applied set that the request leaves.
    fn stamped(&self, request: &StampRequest, standing: &Standing) -> Result<AppliedSet, Error> {
        let graph = &self.versions.graph;
        if request.purge {
            return self.told(graph.resolve_stamp(&request.targets, &graph.nothing_applied()));
        }
        standing.insist_known()?;
        self.told(graph.resolve_stamp(&request.targets, &standing.applied))
    }

    /// What the history says: what is applied now, and what is not any more. `holes` counted as
    /// applied before, and never ran: whoever stamps says that what they do is there.
    fn stamp_entries(
        &self,
        standing: &Standing,
        after: &AppliedSet,
        holes: Vec<NodeIx>,
    ) -> Result<Vec<Entry>, Error> {
        let graph = &self.versions.graph;
        let gone = standing.applied.nodes().clone().difference(after.nodes());
        let new = after.nodes().clone().difference(standing.applied.nodes());
        let new = graph.set(new.iter().chain(holes));
        let entry = |outcome| move |node: NodeIx| history_entry(&self.versions, node, outcome);
        let mut down = graph.upgrade_order(&gone);
        down.reverse();
        let known = down
            .into_iter()
            .map(entry(Outcome::Unstamped))
            .chain(
                graph
                    .upgrade_order(&new)
                    .into_iter()
                    .map(entry(Outcome::Stamped)),
            )
            .collect::<Result<Vec<_>, _>>()?;
        let unknown = standing.unknown.iter().map(|row| Entry::unknown_row(row));
        Ok(unknown.chain(known).collect())
    }

    /// What the history knows as applied, although no row says so any more: it is not.
    fn forgotten(
        &self,
        standing: &Standing,
        agreement: &Agreement,
        after: &AppliedSet,
    ) -> Vec<Entry> {
        let graph = &self.versions.graph;
        let has_row = |id: &String| {
            let node = graph.find_id(id);
            standing.unknown.contains(id)
                || node.is_some_and(|node| standing.applied.contains(node))
        };
        agreement
            .beyond(after, &self.versions)
            .filter(|(id, _)| !has_row(id))
            .map(|(id, entry)| entry.again(id, Outcome::Unstamped))
            .collect()
    }

    pub(super) fn rows_of(&self, applied: &AppliedSet) -> Vec<String> {
        let graph = &self.versions.graph;
        let mut rows: Vec<String> = graph
            .tips(applied)
            .into_iter()
            .map(|node| graph.id(node).to_string())
            .collect();
        rows.sort_unstable();
        rows
    }

    fn stamp_plan(
        &self,
        link: &Link,
        request: &StampRequest,
        standing: &Standing,
        after: &AppliedSet,
    ) -> PlanReport {
        PlanReport {
            destination: link.view.clone(),
            operation: Operation::Stamp,
            targets: request.targets.iter().map(ToString::to_string).collect(),
            from: standing.rows(),
            to: self.rows_of(after),
            transaction: self.settings.transaction.value,
            steps: Vec::new(),
            to_adopt: Vec::new(),
            many_locks: None,
            dry_run: true,
        }
    }

    fn stamp_report(
        &self,
        link: &Link,
        request: &StampRequest,
        from: &[String],
        after: &AppliedSet,
        started: Instant,
        run_id: Option<&str>,
    ) -> RunReport {
        let pending = self.versions.graph.len() - after.len();
        RunReport {
            destination: link.view.clone(),
            operation: Operation::Stamp,
            outcome: match run_id {
                Some(_) => RunOutcome::Done,
                None => RunOutcome::NothingToDo,
            },
            targets: request.targets.iter().map(ToString::to_string).collect(),
            run_id: run_id.map(ToOwned::to_owned),
            tag: request.tag.clone(),
            transaction: self.settings.transaction.value,
            from: from.to_vec(),
            stands_at: self.rows_of(after),
            at_head: pending == 0,
            pending,
            steps: Vec::new(),
            adopted: Vec::new(),
            accepted_edits: Vec::new(),
            many_locks: None,
            rls_gate: None,
            duration_ms: millis(started),
        }
    }

    /// Takes the files of these applied revisions as what ran; the history says so.
    ///
    /// # Errors
    /// [`Error::NoHistory`], [`Error::NotApplied`], targets that name nothing, the server's.
    pub async fn accept_edits(
        &self,
        targets: &[Target],
        tag: Option<String>,
        control: &Control,
    ) -> Result<RunReport, Error> {
        let started = Instant::now();
        let run_id = self.run_id();
        let mut link = self.link(&run_id, control).await?;
        let answer = async {
            link.insist_writable()?;
            let lock = self.lock(&link.session, &self.table(), control).await?;
            let done = self
                .accept_locked(&mut link, targets, tag, &run_id, started, control)
                .await;
            release(lock, &link.session, done).await
        }
        .await;
        let closed = link.close().await;
        let answer = answer.map_err(|error: Error| error.or_signal(control.stopped()))?;
        closed?;
        Ok(answer)
    }

    async fn accept_locked(
        &self,
        link: &mut Link,
        targets: &[Target],
        tag: Option<String>,
        run_id: &str,
        started: Instant,
        control: &Control,
    ) -> Result<RunReport, Error> {
        let table = self.table();
        let graph = &self.versions.graph;
        let standing = Standing::read(&link.session, &table, &self.versions).await?;
        if !standing.kept.history {
            return Err(Error::NoHistory);
        }
        ensure_registry(&mut link.session).await?;
        let recorded = last_entries(&link.session, &table, &[]).await?;
        let mut accepted: Vec<RevisionId> = Vec::new();
        let mut entries = Vec::new();
        for target in targets {
            for node in self.told(graph.resolve(target, Some(&standing.applied)))? {
                if !standing.applied.contains(node) {
                    return Err(Error::NotApplied {
                        revision: graph.id(node).to_string(),
                    });
                }
                let id = graph.id(node);
                let entry = history_entry(&self.versions, node, Outcome::Accepted)?;
                let was = recorded.get(id.as_str());
                if was.is_some_and(|was| was.says_what(&entry)) {
                    continue;
                }
                accepted.push(id.clone());
                entries.push(entry);
            }
        }
        if !entries.is_empty() {
            let recording = Recording {
                table,
                run_id: run_id.to_owned(),
                tag: tag.clone(),
            };
            let rows = RowEdit::default();
            self.record_at_last(link, &recording, &rows, &entries, control)
                .await?;
        }
        let request = StampRequest {
            targets: targets.to_vec(),
            purge: false,
            dry_run: false,
            tag,
        };
        Ok(RunReport {
            accepted_edits: accepted,
            ..self.stamp_report(
                link,
                &request,
                &standing.rows(),
                &standing.applied,
                started,
                (!entries.is_empty()).then_some(run_id),
            )
        })
    }

    /// Creates the version table and the history if they are missing.
    ///
    /// # Errors
    /// The server's.
    pub async fn ensure_version(&self, control: &Control) -> Result<EnsureVersion, Error> {
        let run_id = self.run_id();
        let mut link = self.link(&run_id, control).await?;
        let answer = async {
            let table = self.table();
            if table.read_alone(&link.session).await?.rows.is_some() {
                return Ok(false);
            }
            link.insist_writable()?;
            let lock = self.lock(&link.session, &table, control).await?;
            let done = async {
                table.create(&link.session).await?;
                ensure_registry(&mut link.session).await?;
                Ok(true)
            }
            .await;
            release(lock, &link.session, done).await
        }
        .await;
        let destination = link.view.clone();
        let closed = link.close().await;
        let created = answer.map_err(|error: Error| error.or_signal(control.stopped()))?;
        closed?;
        Ok(EnsureVersion {
            destination,
            created,
        })
    }
}

impl Migrator {
    /// The statements that stamp would run from where the database stands.
    ///
    /// # Errors
    /// As for [`Migrator::stamp`].
    pub async fn stamp_offline(
        &self,
        request: &StampRequest,
        control: &Control,
    ) -> Result<OfflineReport, Error> {
        let link = self.link(&self.run_id(), control).await?;
        let standing = async {
            link.look().await?;
            Standing::read(&link.session, &self.table(), &self.versions).await
        }
        .await;
        let closed = link.close().await;
        let standing = standing?;
        closed?;
        let after = self.stamped(request, &standing)?;
        self.stamp_script(&standing, &after, request.tag.as_deref())
    }

    /// The statements that lead from one end of a range to the other, without any connection.
    ///
    /// # Errors
    /// A range whose ends name nothing.
    pub fn stamp_offline_range(
        &self,
        range: &TargetRange,
        tag: Option<&str>,
    ) -> Result<OfflineReport, Error> {
        let graph = &self.versions.graph;
        let end = |target: Option<&Target>, otherwise: AppliedSet| match target {
            Some(target) => self.told(graph.applied_at(target)),
            None => Ok(otherwise),
        };
        let from = end(range.start.as_ref(), graph.nothing_applied())?;
        let to = end(range.end.as_ref(), graph.applied(graph.nodes()))?;
        let kept = Kept {
            rows: Some(self.rows_of(&from)),
            history: false,
        };
        self.stamp_script(&Standing::of(kept, &self.versions), &to, tag)
    }

    fn stamp_script(
        &self,
        standing: &Standing,
        after: &AppliedSet,
        tag: Option<&str>,
    ) -> Result<OfflineReport, Error> {
        let entries = self.stamp_entries(standing, after, Vec::new())?;
        let (from, to) = (standing.rows(), self.rows_of(after));
        let edit = RowEdit::between(&from, &to);
        let sql = super::offline::stamp_sql(&self.table(), &from, &edit, &entries, tag);
        Ok(OfflineReport {
            operation: Operation::Stamp,
            from,
            to,
            revisions: self.versions.graph.ids(self.versions.graph.tips(after)),
            sql,
        })
    }
}
