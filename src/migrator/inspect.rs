//! What is asked and changes nothing: history, heads, branches, show, log.

use std::collections::BTreeMap;

use super::control::Control;
use super::destination::Link;
use super::error::Error;
use super::open::closing_entry;
use super::operations::Migrator;
use super::report::{
    BranchPoint, Branches, Heads, History, LogEntry, LogReport, RevisionDetail, ScriptKind,
    ScriptView, Show,
};
use super::standing::Standing;
use super::view::Viewer;
use crate::bookkeeping::{Closing, HistoryEntry, closings, log};
use crate::graph::{NodeIx, Target, TargetRange};
use crate::revision::{Direction, Script, Timeout};
use crate::sql;

/// What `history` is asked.
#[derive(Debug, Clone, Default)]
pub struct HistoryRequest {
    /// Only these.
    pub range: Option<TargetRange>,
    /// Mark where the database stands.
    pub indicate_current: bool,
    /// Oldest first.
    pub reverse: bool,
    /// At most so many.
    pub limit: Option<usize>,
}

impl HistoryRequest {
    /// Whether the answer needs a database.
    #[must_use]
    pub fn asks_database(&self) -> bool {
        self.indicate_current
            || self.range.as_ref().is_some_and(|range| {
                let sides = [&range.start, &range.end];
                sides.into_iter().flatten().any(Target::names_current)
            })
    }
}

impl Migrator {
    /// The revisions, newest first. Asks the database only where the request needs it.
    ///
    /// # Errors
    /// A range that names nothing; the server's.
    pub async fn history(
        &self,
        request: &HistoryRequest,
        control: &Control,
    ) -> Result<History, Error> {
        let standing = if request.asks_database() {
            Some(self.standing(control).await?)
        } else {
            None
        };
        self.history_over(request, standing.as_ref())
    }

    /// The revisions as the files alone tell, newest first.
    ///
    /// # Errors
    /// A range that names nothing, or that names `current`.
    pub fn history_of_files(&self, request: &HistoryRequest) -> Result<History, Error> {
        self.history_over(request, None)
    }

    fn history_over(
        &self,
        request: &HistoryRequest,
        standing: Option<&Standing>,
    ) -> Result<History, Error> {
        let graph = &self.versions.graph;
        let set = match &request.range {
            Some(range) => self.told(graph.resolve_range(range, standing.map(|s| &s.applied)))?,
            None => graph.all(),
        };
        let mut nodes = graph.history_order(&set);
        if request.reverse {
            nodes.reverse();
        }
        let total = nodes.len();
        nodes.truncate(request.limit.unwrap_or(usize::MAX));
        let left_off = total - nodes.len();
        let viewer = match standing {
            Some(standing) => Viewer::database(&self.versions, standing),
            None => Viewer::files(&self.versions),
        };
        Ok(History {
            range: request.range.as_ref().map(ToString::to_string),
            revisions: viewer.views(nodes),
            reverse: request.reverse,
            left_off,
        })
    }

    /// The heads; with `real`, only those that no other revision depends on.
    #[must_use]
    pub fn heads(&self, real: bool) -> Heads {
        let graph = &self.versions.graph;
        let heads = if real {
            graph.real_heads()
        } else {
            graph.heads()
        };
        let newest_first = graph.history_order(&graph.set(heads));
        Heads {
            heads: Viewer::files(&self.versions).views(newest_first),
        }
    }

    /// The branch points with their children, newest first.
    #[must_use]
    pub fn branches(&self) -> Branches {
        let graph = &self.versions.graph;
        let viewer = Viewer::files(&self.versions);
        let points = graph.history_order(&graph.set(graph.branch_points()));
        Branches {
            branch_points: points
                .into_iter()
                .map(|node| BranchPoint {
                    view: viewer.view(node),
                    branches: viewer.views(graph.children(node).iter().copied()),
                })
                .collect(),
        }
    }

    /// Everything about the revisions that a target names, and what the database says of them.
    ///
    /// # Errors
    /// A target that names nothing; scripts that cannot be read; the server's.
    pub async fn show(&self, target: &Target, control: &Control) -> Result<Show, Error> {
        let (link, standing) = self.linked_standing(control).await?;
        let asked = self.shown(target, &link, &standing).await;
        let closed = link.close().await;
        let (nodes, records) = asked?;
        closed?;
        self.details(
            nodes,
            &Viewer::database(&self.versions, &standing),
            &records,
        )
    }

    /// The same, from the files alone.
    ///
    /// # Errors
    /// A target that names nothing, or `current`; scripts that cannot be read.
    pub fn show_of_files(&self, target: &Target) -> Result<Show, Error> {
        let nodes = self.told(self.versions.graph.resolve(target, None))?;
        self.details(nodes, &Viewer::files(&self.versions), &BTreeMap::new())
    }

    /// What a target names, and the last record of each.
    async fn shown(
        &self,
        target: &Target,
        link: &Link,
        standing: &Standing,
    ) -> Result<(Vec<NodeIx>, BTreeMap<NodeIx, LogEntry>), Error> {
        let graph = &self.versions.graph;
        let nodes = self.told(graph.resolve(target, Some(&standing.applied)))?;
        let mut records = BTreeMap::new();
        if standing.kept.history {
            for node in &nodes {
                let id = graph.id(*node).as_str();
                let last = log(&link.session, &self.table(), Some(id), 1).await?;
                records.extend(last.first().map(|entry| (*node, log_entry(entry))));
            }
        }
        Ok((nodes, records))
    }

    fn details(
        &self,
        nodes: Vec<NodeIx>,
        viewer: &Viewer<'_>,
        records: &BTreeMap<NodeIx, LogEntry>,
    ) -> Result<Show, Error> {
        let revisions = nodes
            .into_iter()
            .map(|node| {
                let revision = self.versions.revision(node);
                let mut scripts = vec![script_view(ScriptKind::Up, revision.up())];
                if let Some(down) = revision.down()? {
                    scripts.push(script_view(ScriptKind::Down, down));
                }
                if let Some(verify) = revision.verify()? {
                    scripts.push(script_view(ScriptKind::Verify, verify));
                }
                Ok(RevisionDetail {
                    view: viewer.view(node),
                    digest: Some(self.versions.digest(node)?.to_string()),
                    scripts,
                    last_record: records.get(&node).cloned(),
                })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Show { revisions })
    }

    /// What was run when, newest first.
    ///
    /// # Errors
    /// A text that neither the files nor the history know as a revision; the server's.
    pub async fn log(
        &self,
        revision: Option<&str>,
        limit: u32,
        control: &Control,
    ) -> Result<LogReport, Error> {
        let target = revision.map(Target::parse).transpose()?;
        let (link, standing) = self.linked_standing(control).await?;
        let entries = async {
            let entries = self
                .logged(target.as_ref(), limit, &link, &standing)
                .await?;
            let closings = match target {
                None if standing.kept.history => {
                    closings(&link.session, limit.saturating_add(1)).await?
                }
                _ => Vec::new(),
            };
            Ok::<_, Error>((entries, closings))
        }
        .await;
        let destination = link.view.clone();
        let closed = link.close().await;
        let (mut entries, mut closings) = entries?;
        closed?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = entries.len() + closings.len() > limit;
        keep_newest(&mut entries, &mut closings, limit);
        Ok(LogReport {
            destination,
            has_history: standing.kept.history,
            entries: entries.iter().map(log_entry).collect(),
            closings: closings.iter().map(closing_entry).collect(),
            has_more,
        })
    }

    /// The records of the revision that a target names, and one more than `limit` where there are
    /// more. A text that no file knows may be an id that the history knows.
    async fn logged(
        &self,
        target: Option<&Target>,
        limit: u32,
        link: &Link,
        standing: &Standing,
    ) -> Result<Vec<HistoryEntry>, Error> {
        let graph = &self.versions.graph;
        let (mut id, mut unknown) = (None, None);
        if let Some(target) = target {
            match graph.resolve(target, Some(&standing.applied)) {
                Ok(nodes) => match nodes.as_slice() {
                    [node] => id = Some(graph.id(*node).as_str()),
                    _ => {
                        return Err(Error::NotOneRevision {
                            target: target.to_string(),
                            revisions: graph.ids(nodes),
                        });
                    }
                },
                Err(error) => (id, unknown) = (Some(target.as_str()), Some(error)),
            }
        }
        let entries = if standing.kept.history {
            let limit = limit.saturating_add(1);
            log(&link.session, &self.table(), id, limit).await?
        } else {
            Vec::new()
        };
        match unknown {
            Some(error) if entries.is_empty() => self.told(Err(error)),
            _ => Ok(entries),
        }
    }

    /// The revisions that a target names; the database is asked only for `current`.
    pub(super) async fn resolve(
        &self,
        target: &Target,
        control: &Control,
    ) -> Result<Vec<NodeIx>, Error> {
        let standing = if target.names_current() {
            Some(self.standing(control).await?)
        } else {
            None
        };
        let applied = standing.as_ref().map(|standing| &standing.applied);
        self.told(self.versions.graph.resolve(target, applied))
    }

    async fn standing(&self, control: &Control) -> Result<Standing, Error> {
        let (link, standing) = self.linked_standing(control).await?;
        link.close().await?;
        Ok(standing)
    }

    async fn linked_standing(&self, control: &Control) -> Result<(Link, Standing), Error> {
        let link = self.link(&self.run_id(), control).await?;
        let standing = async {
            link.look().await?;
            Standing::read(&link.session, &self.table(), &self.versions).await
        };
        match standing.await {
            Ok(standing) => Ok((link, standing)),
            Err(error) => {
                link.close().await?;
                Err(error)
            }
        }
    }
}

/// Of two lists, newest first, the `limit` newest of both together.
fn keep_newest(entries: &mut Vec<HistoryEntry>, closings: &mut Vec<Closing>, limit: usize) {
    while entries.len() + closings.len() > limit {
        let entry = entries.last().map(|one| one.finished_at);
        let closing = closings.last().map(|one| one.at);
        match (entry, closing) {
            (Some(entry), Some(closing)) if closing < entry => drop(closings.pop()),
            (Some(_), _) => drop(entries.pop()),
            (None, _) => drop(closings.pop()),
        }
    }
}

fn script_view(kind: ScriptKind, script: &Script) -> ScriptView {
    let text = sql::executable(&script.text);
    ScriptView {
        kind,
        path: script.path.clone(),
        checksum: script.checksum().to_string(),
        statements: sql::split(&text).map_or(0, |statements| statements.len()),
        transaction: script.settings.transaction,
        lock_timeout_ms: script.settings.lock_timeout.map(Timeout::millis),
        statement_timeout_ms: script.settings.statement_timeout.map(Timeout::millis),
    }
}

pub(super) fn log_entry(entry: &HistoryEntry) -> LogEntry {
    LogEntry {
        sequence: entry.id,
        at: entry.finished_at,
        direction: if entry.direction == Direction::Upgrade.to_string() {
            Direction::Upgrade
        } else {
            Direction::Downgrade
        },
        outcome: entry.outcome.clone(),
        revision: entry.revision.clone(),
        message: entry.message.clone(),
        who: entry.performed_by.clone(),
        from: entry.client_address.clone(),
        duration_ms: u64::try_from(entry.duration_ms).ok(),
        run_id: Some(entry.run_id.clone()),
        tool_version: Some(entry.tool_version.clone()),
        tag: entry.tag.clone(),
    }
}
