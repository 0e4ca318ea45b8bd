//! `--sql`: the plan as a script for a database administrator.
//!
//! Each step is a transaction of its own that begins by looking at the version rows, so a script
//! that is run at the wrong start, or twice, does nothing but fail; and after a failure nothing
//! later takes effect either, whatever the client does about errors. A script that runs outside a
//! transaction is the exception: psql is told to stop there.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use super::control::Control;
use super::destination::Reach;
use super::error::{Error, OneTransaction};
use super::operations::Migrator;
use super::prepare::{ReadyScript, ReadyStep, insist_on_one_transaction, prepare};
use super::report::{OfflineReport, ScriptTransaction, TransactionScope};
use super::standing::Standing;
use crate::bookkeeping::{Entry, RowEdit, VersionTable, guard_sql, offline_entry_sql, rows_sql};
use crate::db::SessionSettings;
use crate::graph::{AppliedSet, Target, TargetRange};
use crate::plan::Plan;
use crate::revision::Direction;
use crate::sql::{self, TokenKind};

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
                        Standing::read_moment(&link.session, &self.table(), &self.versions).await?;
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
        let ready = prepare(&self.versions, &plan, Reach::Session)?;
        let all = self.settings.transaction.value == TransactionScope::All;
        if all {
            insist_on_one_transaction(&ready, OneTransaction::Scope)?;
        }
        let mut writer = Writer {
            sql: preamble(&format!("{direction} from {}", place(&rows)), &ready, tag),
            table: self.table(),
            settings: self.offline_settings(),
            statement_timeout: self.statement_timeout(),
            all,
            tag,
        };
        let mut to = rows.clone();
        writer.settings_of_session();
        for (index, step) in ready.iter().enumerate() {
            let (first, last) = (index == 0, index + 1 == ready.len());
            to = writer.step(step, &to, first, last);
        }
        Ok(OfflineReport {
            operation: direction.into(),
            from: rows,
            to,
            revisions: plan.steps.iter().map(|s| s.revision.clone()).collect(),
            sql: writer.sql,
        })
    }

    /// The settings of a run's session, but that nobody is thrown out who thinks between two steps.
    fn offline_settings(&self) -> SessionSettings {
        SessionSettings {
            idle_in_transaction_timeout: Duration::ZERO,
            ..self.session_settings()
        }
    }
}

fn preamble(what: &str, ready: &[ReadyStep], tag: Option<&str>) -> String {
    let mut sql = format!(
        "-- grace-migrate {}: {what}, {} revision{}\n",
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
    let outside = |step: &ReadyStep| step.script.transaction() == ScriptTransaction::Off;
    if ready.iter().any(outside) {
        sql.push_str(
            "-- A script in it runs outside a transaction: it has to stop at the first error.\n\
             \\set ON_ERROR_STOP on\n",
        );
    }
    sql
}

/// What a server older than any that we know understands too.
const ANY_SERVER: i32 = 130_000;

/// Writes the steps.
struct Writer<'a> {
    sql: String,
    table: VersionTable,
    settings: SessionSettings,
    statement_timeout: Duration,
    /// All steps share one transaction.
    all: bool,
    tag: Option<&'a str>,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.sql.push_str(text);
        self.sql.push('\n');
    }

    /// Statements that were written one behind another, each on its own line.
    fn lines(&mut self, statements: &str) {
        let statements = statements.trim_end();
        self.line(&statements.replace("; ", ";\n"));
    }

    fn settings_of_session(&mut self) {
        self.lines(&self.settings.sql(ANY_SERVER));
    }

    /// One step, from the rows before it to those after it.
    fn step(
        &mut self,
        step: &ReadyStep,
        before: &[String],
        first: bool,
        last: bool,
    ) -> Vec<String> {
        let id = &step.step.revision;
        let message = step.message.as_deref().unwrap_or_default();
        let title = format!("\n-- {} {id} {}", step.step.direction, one_line(message));
        self.line(title.trim_end());
        let change = RowEdit::from(&step.step);

        if first || !self.all {
            self.line("begin;");
        }
        self.line("set local search_path = '';");
        if first && before.is_empty() {
            self.line(&self.table.create_sql());
        }
        self.guard(before, id.as_str());
        match step.script.transaction() {
            ScriptTransaction::On => self.script(&step.script, "local", self.settings.lock_timeout),
            ScriptTransaction::Off => {
                self.line("commit;\n-- outside a transaction");
                self.script(&step.script, "session", Duration::ZERO);
                self.reset();
                self.line("begin;\nset local search_path = '';");
                self.guard(before, id.as_str());
            }
        }
        if let Some(verify) = &step.verify {
            self.script(verify, "local", self.settings.lock_timeout);
        }
        self.lines(SessionSettings::BOOKKEEPING_SQL);
        self.line(&rows_sql(&self.table, &change));
        self.line(&offline_entry_sql(&self.table, &step.entry, self.tag));
        if last || !self.all {
            self.line("commit;");
        }
        self.reset();
        change.applied_to(before)
    }

    fn guard(&mut self, rows: &[String], step: &str) {
        self.line(&guard_sql(&self.table, rows, step));
    }

    fn reset(&mut self) {
        self.lines(&self.settings.reset_sql(ANY_SERVER, &BTreeSet::new()));
    }

    /// The script's own text with its settings; what follows starts on a line of its own, after a
    /// statement's end.
    fn script(&mut self, script: &ReadyScript, scope: &str, lock_timeout: Duration) {
        let statement_timeout = self.statement_timeout;
        let settings = script.settings_sql(scope, lock_timeout, statement_timeout);
        self.lines(&format!("{settings};"));
        let text = script.text.trim_end();
        self.line(text);
        let ended = script.statements.last().is_none_or(|last| {
            let rest = &text[last.span.end..];
            last.copy_data.is_some()
                || sql::tokenize(rest).any(|token| token.kind == TokenKind::Terminator)
        });
        if !ended {
            self.line(";");
        }
    }
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
        "-- grace-migrate {}: stamp, from {}\n",
        env!("CARGO_PKG_VERSION"),
        place(from),
    );
    if let Some(tag) = tag {
        _ = writeln!(sql, "-- tag: {}", one_line(tag));
    }
    sql.push_str("\nbegin;\nset local search_path = '';\nset local row_security = off;\n");
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

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
