//! A plan's scripts, read and checked before anything runs.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::destination::Reach;
use super::error::{Error, OneTransaction};
use super::report::{Obstacle, ScriptTransaction};
use crate::bookkeeping::{Entry, Outcome};
use crate::db::{is_one_message, sent_at_once};
use crate::diagnostic::{Diagnostic, Place};
use crate::graph::{Graph, NodeIx};
use crate::plan::{Plan, Step};
use crate::revision::{Direction, Script, ScriptSettings, Timeout, TransactionMode};
use crate::source::{Revision, Versions};
use crate::sql::{self, Statement, Surroundings};

/// Scripts longer than this are known by their checksum alone; the history keeps no text of them.
const KEPT_SCRIPT_BYTES: usize = 4 << 20;

/// A script that is ready to run.
#[derive(Debug, Clone)]
pub(super) struct ReadyScript {
    /// As it is shown.
    pub(super) path: PathBuf,
    /// Its text, with the lines that psql alone understands blanked out.
    pub(super) text: Arc<str>,
    pub(super) statements: Vec<Statement>,
    pub(super) settings: ScriptSettings,
}

/// A step with everything that running it takes.
#[derive(Debug, Clone)]
pub(super) struct ReadyStep {
    pub(super) step: Step,
    pub(super) message: Option<String>,
    pub(super) script: ReadyScript,
    pub(super) verify: Option<ReadyScript>,
    pub(super) entry: Entry,
}

impl ReadyScript {
    pub(super) fn transaction(&self) -> ScriptTransaction {
        self.settings.transaction
    }

    /// Whether the server gets it as one message.
    pub(super) fn is_one_message(&self) -> bool {
        is_one_message(&self.text, &self.statements)
    }

    /// Whether what is to be behind it goes in the same message.
    pub(super) fn is_sent_at_once(&self) -> bool {
        sent_at_once(&self.text, &self.statements)
    }

    /// The statements that set the path and the timeouts for it; `scope` is `local` or `session`,
    /// the timeouts are those of the run, before which the header's go.
    pub(super) fn settings_sql(&self, scope: &str, lock: Duration, statement: Duration) -> String {
        let chosen =
            |own: Option<Timeout>, run: Duration| own.map_or(run, Timeout::duration).as_millis();
        let lock_ms = chosen(self.settings.lock_timeout, lock);
        let statement_ms = chosen(self.settings.statement_timeout, statement);
        format!(
            "set {scope} search_path to default; set {scope} lock_timeout to {lock_ms}; \
             set {scope} statement_timeout to {statement_ms}"
        )
    }
}

/// Refuses scripts that run outside a transaction where all shall share one.
pub(super) fn insist_on_one_transaction(
    ready: &[ReadyStep],
    reason: OneTransaction,
) -> Result<(), Error> {
    let places: Vec<Place> = ready
        .iter()
        .filter(|step| step.script.transaction() == ScriptTransaction::Off)
        .map(|step| Place::file(step.script.path.clone()))
        .collect();
    if places.is_empty() {
        Ok(())
    } else {
        Err(Error::NeedsOwnTransaction { places, reason })
    }
}

/// Reads and checks every script of the plan.
///
/// # Errors
/// [`Error::NoWayBack`], [`Error::Unrunnable`] with all findings together, and the files'.
pub(super) fn prepare(
    versions: &Versions,
    plan: &Plan,
    reach: Reach,
) -> Result<Vec<ReadyStep>, Error> {
    let mut obstacles = Vec::new();
    let mut findings = Vec::new();
    let mut ready = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let revision = versions.revision(step.node);
        if step.direction == Direction::Downgrade
            && let Some(obstacle) = obstacle(revision)
        {
            obstacles.push((revision.id().clone(), obstacle, revision.path().to_owned()));
            continue;
        }
        let (script, verify) = match step.direction {
            Direction::Upgrade => (Some(revision.up()), revision.verify()?),
            Direction::Downgrade => (revision.down()?, None),
        };
        let Some(script) = script else { continue };
        let mut check = |script: &Script| match ready_script(script, reach) {
            Ok(ready) => Some(ready),
            Err(found) => {
                findings.extend(found);
                None
            }
        };
        let script = check(script);
        let verify = verify.map(&mut check);
        if let (Some(script), None | Some(Some(_))) = (script, &verify) {
            ready.push(ReadyStep {
                step: step.clone(),
                message: revision.header.message.clone(),
                script,
                verify: verify.flatten(),
                entry: entry(versions, step)?,
            });
        }
    }
    if !obstacles.is_empty() {
        return Err(Error::NoWayBack { steps: obstacles });
    }
    if !findings.is_empty() {
        return Err(Error::Unrunnable { findings });
    }
    Ok(ready)
}

/// Why a revision cannot be undone, where it cannot.
pub(super) fn obstacle(revision: &Revision) -> Option<Obstacle> {
    if let Some(reason) = &revision.header.irreversible {
        return Some(Obstacle::Irreversible {
            reason: reason.clone(),
        });
    }
    revision
        .down_file()
        .is_none()
        .then_some(Obstacle::NoDownScript)
}

/// A script as it is run, or why it cannot be.
///
/// # Errors
/// Every place that is against it.
pub(super) fn ready_script(script: &Script, reach: Reach) -> Result<ReadyScript, Vec<Diagnostic>> {
    let text = sql::executable(&script.text);
    let path = &script.path;
    let statements = sql::split(&text).map_err(|defect| vec![defect.to_diagnostic(path, &text)])?;
    let surroundings = match (script.settings.transaction, reach) {
        (TransactionMode::On, Reach::Session) => Surroundings::TransactionBlock,
        (TransactionMode::On, Reach::Transaction) => Surroundings::Pooled,
        (TransactionMode::Off, _) => Surroundings::Bare,
    };
    let refusals = sql::refusals(&text, surroundings);
    if !refusals.is_empty() {
        return Err(refusals
            .iter()
            .map(|refusal| refusal.to_diagnostic(path, &text))
            .collect());
    }
    Ok(ReadyScript {
        path: path.clone(),
        statements,
        settings: script.settings,
        text: match text {
            Cow::Borrowed(_) => Arc::clone(&script.text),
            Cow::Owned(text) => Arc::from(text),
        },
    })
}

fn entry(versions: &Versions, step: &Step) -> Result<Entry, Error> {
    let outcome = match step.direction {
        Direction::Upgrade => Outcome::Applied,
        Direction::Downgrade => Outcome::Reverted,
    };
    history_entry(versions, step.node, outcome)
}

/// What the history shall say of a revision.
pub(super) fn history_entry(
    versions: &Versions,
    node: NodeIx,
    outcome: Outcome,
) -> Result<Entry, Error> {
    let revision = versions.revision(node);
    let graph = &versions.graph;
    let down = revision.down()?;
    let verify = revision.verify()?;
    // Of a revision whose files are gone, the history may not have kept the text either.
    let keep = |script: &Script| {
        (script.text.len() <= KEPT_SCRIPT_BYTES).then(|| Arc::clone(&script.text))
    };
    Ok(Entry {
        revision: revision.id().to_string(),
        direction: outcome.direction(),
        outcome,
        message: revision.header.message.clone(),
        revises: ids(graph, graph.parents(node)),
        depends_on: ids(graph, graph.dependencies(node)),
        labels: revision
            .header
            .labels
            .iter()
            .map(ToString::to_string)
            .collect(),
        up_checksum: Some(revision.up().checksum().to_string()),
        down_checksum: down.map(|script| script.checksum().to_string()),
        verify_checksum: verify.map(|script| script.checksum().to_string()),
        digest: versions.digest(node).ok().map(|digest| digest.to_string()),
        up_script: keep(revision.up()),
        down_script: down.and_then(keep),
    })
}

fn ids(graph: &Graph, nodes: &[NodeIx]) -> Vec<String> {
    nodes
        .iter()
        .map(|node| graph.id(*node).to_string())
        .collect()
}
