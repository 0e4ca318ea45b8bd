//! `status`: where a database stands, what is left half done, and what to do next.

use std::path::PathBuf;

use super::control::Control;
use super::destination::Link;
use super::error::Error;
use super::inspect::log_entry;
use super::operations::{Migrator, holder};
use super::report::{InvalidIndexReport, NextStep, PartialRevision, Status, StoppedStatement};
use super::standing::{Agreement, Standing};
use crate::bookkeeping::{MigrationLock, Unfinished, invalid_indexes, log, unfinished};
use crate::revision::Direction;

impl Migrator {
    /// Where the database stands, what is pending or half done, who runs migrations there now, and
    /// what to do next. Creates nothing.
    ///
    /// # Errors
    /// The server's.
    pub async fn status(&self, control: &Control) -> Result<Status, Error> {
        let link = self.link(&self.run_id(), control).await?;
        let report = self.status_over(&link).await;
        let closed = link.close().await;
        let report = report?;
        closed?;
        Ok(report)
    }

    async fn status_over(&self, link: &Link) -> Result<Status, Error> {
        link.look().await?;
        let (session, table) = (&link.session, self.table());
        let standing = Standing::read(session, &table, &self.versions).await?;
        let agreement = standing.agreement(session, &table, &self.versions).await;
        let agreement: Agreement = if_allowed(agreement)?;
        let (mut journal, mut last) = (Vec::new(), Vec::new());
        if standing.kept.history {
            journal = if_allowed(unfinished(session, &table).await.map_err(Error::from))?;
            last = if_allowed(log(session, &table, None, 1).await.map_err(Error::from))?;
        }
        let graph = &self.versions.graph;
        let applied = |node| standing.has_applied(node, &agreement, graph);
        let pending = graph.nodes().filter(|node| !applied(*node)).count();
        let heads = graph.ids(graph.real_heads());
        let invalid = invalid_indexes(session).await?;
        let partial = journal
            .into_iter()
            .map(|one| self.partial(one))
            .collect::<Result<Vec<_>, _>>()?;
        let disagreements = agreement.blocking();
        let next = if disagreements.is_empty() {
            next(&partial, pending, heads.len())
        } else {
            NextStep::Verify
        };
        Ok(Status {
            destination: link.view.clone(),
            rows: standing.rows(),
            at_head: pending == 0 && standing.unknown.is_empty(),
            heads,
            pending,
            has_version_table: standing.kept.rows.is_some(),
            has_history: standing.kept.history,
            to_adopt: agreement.to_adopt.len(),
            partial,
            invalid_indexes: invalid
                .into_iter()
                .map(|index| InvalidIndexReport {
                    index: index.qualified,
                    table: index.table,
                    busy: index.busy,
                })
                .collect(),
            lock_holder: MigrationLock::of(&table).holder(session).await?.map(holder),
            last_record: last.first().map(log_entry),
            disagreements,
            next,
        })
    }

    fn partial(&self, one: Unfinished) -> Result<PartialRevision, Error> {
        let direction = if one.direction == Direction::Upgrade.to_string() {
            Direction::Upgrade
        } else {
            Direction::Downgrade
        };
        let path: Option<PathBuf> = match self.versions.find(&one.revision) {
            None => None,
            Some(revision) if direction == Direction::Upgrade => Some(revision.path().to_owned()),
            Some(revision) => revision.down()?.map(|script| script.path.clone()),
        };
        Ok(PartialRevision {
            revision: one.revision,
            direction,
            path,
            statements_done: one.done,
            statements: one.statements,
            run_id: one.run_id,
            at: one.at,
            stopped: one.stopped.map(|stopped| StoppedStatement {
                statement: stopped.statement + 1,
                line: stopped.line,
                sql: stopped.sql,
                failed_at: stopped.failed_at,
                sqlstate: stopped.sqlstate,
                message: stopped.message,
            }),
        })
    }
}

/// Whoever may read the version table alone is told what that says.
fn if_allowed<T: Default>(read: Result<T, Error>) -> Result<T, Error> {
    match read {
        Err(error) if error.is_denied() => Ok(T::default()),
        read => read,
    }
}

fn next(partial: &[PartialRevision], pending: usize, heads: usize) -> NextStep {
    let stopped = |direction| partial.iter().any(|one| one.direction == direction);
    if stopped(Direction::Downgrade) {
        return NextStep::Downgrade { target: "-1" };
    }
    if pending == 0 && !stopped(Direction::Upgrade) {
        return NextStep::Nothing;
    }
    NextStep::Upgrade {
        target: if heads > 1 { "heads" } else { "head" },
    }
}
