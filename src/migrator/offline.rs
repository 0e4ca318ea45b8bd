//! `--sql`: the plan as a script for a database administrator.
//!
//! Each step is a transaction of its own that begins by looking at the version rows, so a script
//! that is run at the wrong start, or twice, does nothing but fail; and after a failure nothing
//! later takes effect either, whatever the client does about errors.

use std::fmt::Write as _;

use super::control::Control;
use super::error::Error;
use super::operations::Migrator;
use super::prepare::{ReadyScript, ReadyStep, prepare};
use super::report::{OfflineReport, ScriptTransaction};
use super::standing::Standing;
use crate::bookkeeping::{Entry, RowEdit, VersionTable, guard_sql, offline_entry_sql, rows_sql};
use crate::graph::{AppliedSet, Target, TargetRange};
use crate::plan::Plan;
use crate::revision::Direction;

/// Where an offline script starts.
#[derive(Debug, Clone)]
pub enum OfflineStart {
    /// Where the database stands now.
    Database(Target),
    /// At one end of a range: needs no connection.
    Range(TargetRange),
}

impl Migrator {
    /// The script that leads from the start to the target.
    ///
    /// # Errors
    /// As for a run; with a range nothing is connected to.
    pub async fn offline(
        &self,
        direction: Direction,
        start: &OfflineStart,
        tag: Option<&str>,
        control: &Control,
    ) -> Result<OfflineReport, Error> {
        let graph = &self.versions.graph;
        let (applied, rows, target) = match start {
            OfflineStart::Database(target) => {
                let link = self.link(&self.run_id(), control).await?;
                let standing = async {
                    let standing =
                        Standing::read(&link.session, &self.table(), &self.versions).await?;
                    standing.insist_known()?;
                    standing
                        .agreement(&link.session, &self.table(), &self.versions)
                        .await?
                        .insist()?;
                    Ok::<_, Error>(standing)
                }
                .await;
                let closed = link.close().await;
                let standing = standing?;
                closed?;
                let rows = standing.rows();
                (standing.applied, rows, target.clone())
            }
            OfflineStart::Range(range) => {
                let applied: AppliedSet = match &range.start {
                    Some(from) => self.told(graph.applied_at(from))?,
                    None => graph.nothing_applied(),
                };
                let to = range.end.clone().unwrap_or_else(|| match direction {
                    Direction::Upgrade => Target::heads(),
                    Direction::Downgrade => Target::base(),
                });
                let rows = self.rows_of(&applied);
                (applied, rows, to)
            }
        };
        let plan = match direction {
            Direction::Upgrade => self.told(Plan::upgrade(
                graph,
                &applied,
                std::slice::from_ref(&target),
            ))?,
            Direction::Downgrade => self.told(Plan::downgrade(graph, &applied, &target))?,
        };
        let ready = prepare(&self.versions, &plan)?;
        let table = self.table();
        let mut to = rows.clone();
        let mut sql = preamble(direction, &rows, &ready, tag);
        for (index, step) in ready.iter().enumerate() {
            let create = index == 0 && rows.is_empty();
            step_sql(&mut sql, &table, step, &mut to, create, tag);
        }
        Ok(OfflineReport {
            operation: direction.into(),
            from: rows,
            to,
            revisions: plan.steps.iter().map(|s| s.revision.clone()).collect(),
            sql,
        })
    }
}

fn preamble(
    direction: Direction,
    rows: &[String],
    ready: &[ReadyStep],
    tag: Option<&str>,
) -> String {
    let from = place(rows);
    let mut sql = format!(
        "-- grace-migrate {}: {direction} from {from}, {} revision{}\n",
        env!("CARGO_PKG_VERSION"),
        ready.len(),
        if ready.len() == 1 { "" } else { "s" },
    );
    if let Some(tag) = tag {
        _ = writeln!(sql, "-- tag: {}", one_line(tag));
    }
    sql.push_str(
        "-- Each step first looks at where the database stands, and refuses to run anywhere else.\n",
    );
    sql
}

fn step_sql(
    sql: &mut String,
    table: &VersionTable,
    step: &ReadyStep,
    rows: &mut Vec<String>,
    create: bool,
    tag: Option<&str>,
) {
    let id = &step.step.revision;
    _ = write!(sql, "\n-- {} {id}", step.step.direction);
    if let Some(message) = &step.message {
        _ = write!(sql, ": {}", one_line(message));
    }
    sql.push('\n');
    let change = RowEdit::from(&step.step);
    let before = rows.clone();
    rows.retain(|row| !change.delete.contains(row));
    rows.extend(change.insert.iter().cloned());
    rows.sort_unstable();

    sql.push_str("begin;\n");
    if create {
        _ = writeln!(sql, "{}", table.create_sql());
    }
    _ = writeln!(sql, "{}", guard_sql(table, &before, id.as_str()));
    match step.script.transaction() {
        ScriptTransaction::On => {
            timeouts(sql, &step.script, "local ");
            script(sql, &step.script);
        }
        ScriptTransaction::Off => {
            // The guard has its own transaction here: where it fails, `on_error_stop` is wanted.
            sql.push_str("commit;\n-- outside a transaction: stop at the first error\n");
            timeouts(sql, &step.script, "");
            script(sql, &step.script);
            sql.push_str("reset all;\nbegin;\n");
            _ = writeln!(sql, "{}", guard_sql(table, &before, id.as_str()));
        }
    }
    if let Some(verify) = &step.verify {
        script(sql, verify);
    }
    sql.push_str("reset role;\nset local search_path = '';\n");
    _ = writeln!(sql, "{}", rows_sql(table, &change));
    _ = writeln!(sql, "{}", offline_entry_sql(table, &step.entry, tag));
    sql.push_str("commit;\nreset all;\n");
}

/// The script of a stamp.
pub(super) fn stamp_sql(
    table: &VersionTable,
    from: &[String],
    edit: &RowEdit,
    entries: &[Entry],
    tag: Option<&str>,
) -> String {
    let mut sql = format!(
        "-- grace-migrate {}: stamp, from {}\n\nbegin;\n",
        env!("CARGO_PKG_VERSION"),
        place(from),
    );
    if from.is_empty() {
        _ = writeln!(sql, "{}", table.create_sql());
    }
    _ = writeln!(sql, "{}", guard_sql(table, from, "stamp"));
    _ = writeln!(sql, "{}", rows_sql(table, edit));
    for entry in entries {
        _ = writeln!(sql, "{}", offline_entry_sql(table, entry, tag));
    }
    sql.push_str("commit;\n");
    sql
}

fn place(rows: &[String]) -> String {
    if rows.is_empty() {
        "base".to_owned()
    } else {
        rows.join(", ")
    }
}

fn timeouts(sql: &mut String, script: &ReadyScript, scope: &str) {
    for (name, timeout) in [
        ("lock_timeout", script.settings.lock_timeout),
        ("statement_timeout", script.settings.statement_timeout),
    ] {
        if let Some(timeout) = timeout {
            _ = writeln!(sql, "set {scope}{name} = {};", timeout.millis());
        }
    }
}

/// The script's own text; what follows must start on a line of its own, after a statement's end.
fn script(sql: &mut String, script: &ReadyScript) {
    sql.push_str(script.text.trim_end());
    sql.push('\n');
    let ended = script
        .statements
        .last()
        .is_none_or(|last| last.copy_data.is_some() || ends_with_semicolon(script, last.span.end));
    if !ended {
        sql.push_str(";\n");
    }
}

fn ends_with_semicolon(script: &ReadyScript, end: usize) -> bool {
    crate::sql::tokenize(&script.text[end..]).any(|token| token.text(&script.text[end..]) == ";")
        || script.text[..end].ends_with(';')
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
