//! `repair`: the version table and the history are made to agree where there is one way to do it.
//! No script runs, and nothing but our own tables is touched.

use std::collections::BTreeSet;

use super::control::Control;
use super::destination::Link;
use super::error::Error;
use super::operations::Migrator;
use super::prepare::history_entry;
use super::report::{
    DisagreementReport, Outcome, Repair, RepairAction, RepairChange, RepairOutcome, RepairReason,
};
use super::run::release;
use super::standing::{Agreement, Standing, recorded};
use crate::bookkeeping::{Entry, Kept, Recording, RowEdit, ensure_registry, last_entries};
use crate::db::Session;
use crate::graph::AppliedSet;
use crate::plan::agreement::nearest_known;
use crate::revision::RevisionId;

/// By this word the log finds repairs that were given no other.
const TAG: &str = "repair";

/// What `repair` is asked to do.
#[derive(Debug, Clone, Default)]
pub struct RepairRequest {
    /// Forget what no file knows: version rows, which give way to what they stood on, and
    /// revisions of the history.
    pub remove_unknown: bool,
    /// Only say what would change.
    pub dry_run: bool,
    /// A word to find it by in the log.
    pub tag: Option<String>,
}

/// What is to be changed, and the applied set that it leaves.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    to: Vec<String>,
    edit: RowEdit,
    changes: Vec<RepairChange>,
}

impl Migrator {
    /// Mends the version table and the history, after `confirm` has seen what will change and
    /// agreed. It is asked without the lock held; what moved meanwhile is an error.
    ///
    /// # Errors
    /// [`Error::Unconfirmed`], [`Error::RepairMoved`], the server's.
    pub async fn repair(
        &self,
        request: &RepairRequest,
        confirm: impl AsyncFnOnce(&Repair) -> bool,
        control: &Control,
    ) -> Result<Repair, Error> {
        let run_id = self.run_id();
        let mut link = self.link(&run_id, control).await?;
        let answer = async {
            let planned = self.plan_repair(&link, request).await?;
            if request.dry_run || planned.changes.is_empty() {
                return Ok(planned);
            }
            link.insist_writable()?;
            tokio::select! {
                agreed = confirm(&planned) => if !agreed {
                    return Err(Error::Unconfirmed { command: "repair" });
                },
                signal = control.stop() => return Err(Error::stopped_before_work(signal)),
            }
            let lock = self.lock(&link.session, &self.table(), control).await?;
            let done = self
                .repair_locked(&mut link, request, &planned, &run_id, control)
                .await;
            release(lock, &link.session, done).await
        }
        .await;
        let closed = link.close().await;
        let answer = answer.map_err(|error: Error| error.or_signal(control.stopped()))?;
        closed?;
        Ok(answer)
    }

    async fn plan_repair(&self, link: &Link, request: &RepairRequest) -> Result<Repair, Error> {
        let table = self.table();
        let standing = Standing::read_moment(&link.session, &table, &self.versions).await?;
        let agreement = standing
            .agreement(&link.session, &table, &self.versions)
            .await?;
        let plan = self.planned(request, &standing, &agreement);
        let undecided = self
            .undecided(&link.session, request, &standing, &plan)
            .await?;
        table.leave_moment(&link.session).await?;
        Ok(Repair {
            destination: link.view.clone(),
            outcome: if plan.changes.is_empty() {
                RepairOutcome::NothingToDo
            } else {
                RepairOutcome::Planned
            },
            run_id: None,
            tag: request.tag.clone().unwrap_or_else(|| TAG.to_owned()),
            from: standing.rows(),
            to: plan.to,
            changes: plan.changes,
            undecided,
        })
    }

    async fn repair_locked(
        &self,
        link: &mut Link,
        request: &RepairRequest,
        confirmed: &Repair,
        run_id: &str,
        control: &Control,
    ) -> Result<Repair, Error> {
        let table = self.table();
        let standing = Standing::read(&link.session, &table, &self.versions).await?;
        let agreement = standing
            .agreement(&link.session, &table, &self.versions)
            .await?;
        let plan = self.planned(request, &standing, &agreement);
        if plan.changes != confirmed.changes || standing.rows() != confirmed.from {
            return Err(Error::RepairMoved);
        }
        if standing.kept.rows.is_none() {
            table.create(&link.session).await?;
        }
        ensure_registry(&mut link.session).await?;
        let entries = self.repair_entries(&link.session, &plan).await?;
        let recording = Recording {
            table,
            run_id: run_id.to_owned(),
            tag: Some(confirmed.tag.clone()),
        };
        self.record_at_last(link, &recording, &plan.edit, &entries, control)
            .await?;
        Ok(Repair {
            outcome: RepairOutcome::Repaired,
            run_id: Some(run_id.to_owned()),
            ..confirmed.clone()
        })
    }

    /// What has one way to be mended.
    fn planned(&self, request: &RepairRequest, standing: &Standing, agreement: &Agreement) -> Plan {
        let graph = &self.versions.graph;
        let history = recorded(&agreement.entries);
        let from = standing.rows();
        let believed = believed(agreement);
        let reading = graph.read_rows(believed.unwrap_or(&from));
        // Rows that no file knows give way to what they stood on, or stay.
        let nearest = reading.unknown.iter().filter(|_| request.remove_unknown);
        let nearest = nearest.flat_map(|row| nearest_known(graph, &history, row));
        let rows = graph.tips(&reading.applied).into_iter();
        let applied = graph.applied(rows.chain(nearest));
        let mut to = self.rows_of(&applied);
        if !request.remove_unknown {
            to.extend(reading.unknown.iter().cloned());
            to.sort_unstable();
        }
        let repeated = graph.read_rows(&from).repeated;
        let decided = Decided {
            migrator: self,
            agreement,
            applied: &applied,
            from: from.into_iter().collect(),
            to: to.iter().cloned().collect(),
            repeated: repeated.into_iter().collect(),
            is_believed: believed.is_some(),
        };
        let changes = decided.changes(request.remove_unknown);
        Plan {
            edit: row_edit(&changes),
            to,
            changes,
        }
    }

    /// What disagrees still when the plan is carried out.
    async fn undecided(
        &self,
        session: &Session,
        request: &RepairRequest,
        standing: &Standing,
        plan: &Plan,
    ) -> Result<Vec<DisagreementReport>, Error> {
        let kept = Kept {
            rows: Some(plan.to.clone()),
            history: standing.kept.history,
        };
        let after = Standing::of(kept, &self.versions);
        let agreement = after
            .agreement(session, &self.table(), &self.versions)
            .await?;
        let has_entry = |id: &RevisionId| {
            let mut changes = plan.changes.iter();
            changes.any(|one| one.outcome.is_some() && one.revision == id.as_str())
        };
        let is_settled = |one: &DisagreementReport| match one {
            DisagreementReport::Unrecorded { revisions }
            | DisagreementReport::Reapplied { revisions } => revisions.iter().all(has_entry),
            DisagreementReport::Gone { .. } | DisagreementReport::Vanished { .. } => {
                request.remove_unknown
            }
            _ => false,
        };
        let mut found = agreement.disagreements;
        found.retain(|one| !is_settled(one));
        Ok(found)
    }

    /// The entries of the plan: those of revisions that the history knows say what it knows.
    async fn repair_entries(&self, session: &Session, plan: &Plan) -> Result<Vec<Entry>, Error> {
        let appended = || {
            plan.changes
                .iter()
                .filter_map(|one| Some((one, one.outcome?)))
        };
        let ids: Vec<String> = appended().map(|(one, _)| one.revision.clone()).collect();
        let known = last_entries(session, &self.table(), &ids).await?;
        appended()
            .map(|(change, outcome)| {
                let id = change.revision.as_str();
                match (known.get(id), self.versions.graph.find_id(id)) {
                    (_, Some(node)) if outcome == Outcome::Adopted => {
                        history_entry(&self.versions, node, outcome)
                    }
                    (Some(entry), _) => Ok(entry.again(id, outcome)),
                    (None, _) => Ok(Entry {
                        direction: outcome.direction(),
                        outcome,
                        ..Entry::unknown_row(id)
                    }),
                }
            })
            .collect()
    }
}

/// The rows that the history believes in, where there are none at all.
fn believed(agreement: &Agreement) -> Option<&Vec<String>> {
    agreement.disagreements.iter().find_map(|one| match one {
        DisagreementReport::Vanished { rows, .. } => Some(rows),
        _ => None,
    })
}

/// What is decided, before it is told change by change.
struct Decided<'a> {
    migrator: &'a Migrator,
    agreement: &'a Agreement,
    /// What is applied then.
    applied: &'a AppliedSet,
    from: BTreeSet<String>,
    to: BTreeSet<String>,
    repeated: BTreeSet<String>,
    /// The rows come from the history, for there were none.
    is_believed: bool,
}

impl Decided<'_> {
    /// Every change: rows first. Each row's change has an entry in the history, unless an entry of
    /// its revision is there for another reason.
    fn changes(&self, remove_unknown: bool) -> Vec<RepairChange> {
        let mut rows = self.row_changes();
        rows.sort_by(|a, b| (a.change, &a.revision).cmp(&(b.change, &b.revision)));
        let mut entries = self.forgotten(remove_unknown);
        entries.extend(self.adopted());
        for row in &rows {
            if entries.iter().all(|entry| entry.revision != row.revision) {
                let outcome = match row.reason {
                    RepairReason::NoFile => Outcome::Unstamped,
                    _ => Outcome::Stamped,
                };
                entries.push(entry(&row.revision, outcome, row.reason.clone()));
            }
        }
        rows.extend(entries);
        rows
    }

    fn row_changes(&self) -> Vec<RepairChange> {
        let graph = &self.migrator.versions.graph;
        let row = |change, row: &String, reason| RepairChange {
            change,
            revision: row.clone(),
            outcome: None,
            reason,
        };
        let gone = self.from.difference(&self.to).map(|id| {
            let implied_by = graph
                .find_id(id)
                .and_then(|node| graph.implied_by(self.applied, node));
            let reason = implied_by.map_or(RepairReason::NoFile, |above| RepairReason::Implied {
                implied_by: graph.id(above).clone(),
            });
            row(RepairAction::DeleteRow, id, reason)
        });
        let new = self.to.difference(&self.from).map(|id| {
            let reason = if self.is_believed {
                RepairReason::InHistory
            } else {
                RepairReason::Beneath
            };
            row(RepairAction::InsertRow, id, reason)
        });
        let kept = self.repeated.intersection(&self.to);
        let kept = kept.map(|id| row(RepairAction::KeepOneRow, id, RepairReason::Repeated));
        gone.chain(new).chain(kept).collect()
    }

    /// What the history knows as applied and no file knows.
    fn forgotten(&self, remove_unknown: bool) -> Vec<RepairChange> {
        let versions = &self.migrator.versions;
        let beyond = self.agreement.beyond(self.applied, versions);
        beyond
            .filter(|(id, _)| remove_unknown && versions.graph.find_id(id).is_none())
            .map(|(id, _)| entry(id, Outcome::Unstamped, RepairReason::NoFile))
            .collect()
    }

    /// What another tool applied.
    fn adopted(&self) -> impl Iterator<Item = RepairChange> {
        let graph = &self.migrator.versions.graph;
        let nodes = self.agreement.to_adopt.iter();
        nodes.map(|node| {
            let id = graph.id(*node).as_str();
            entry(id, Outcome::Adopted, RepairReason::OtherTool)
        })
    }
}

fn entry(revision: &str, outcome: Outcome, reason: RepairReason) -> RepairChange {
    RepairChange {
        change: RepairAction::AppendEntry,
        revision: revision.to_owned(),
        outcome: Some(outcome),
        reason,
    }
}

fn row_edit(changes: &[RepairChange]) -> RowEdit {
    let of = |actions: [RepairAction; 2]| {
        let rows = changes.iter().filter(|one| actions.contains(&one.change));
        rows.map(|one| one.revision.clone()).collect()
    };
    RowEdit {
        delete: of([RepairAction::DeleteRow, RepairAction::KeepOneRow]),
        insert: of([RepairAction::InsertRow, RepairAction::KeepOneRow]),
    }
}
