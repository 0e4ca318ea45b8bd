//! Judging: by the rules, and by the matrix that is kept.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::kept::Kept;
use super::refusal::GateRefusal;
use crate::catalog;
use crate::db::{DbError, Session};
use crate::diagnostic::Severity;
use crate::migrator::error::Error;
use crate::migrator::operations::Migrator;
use crate::migrator::report::{RlsFinding, RlsGate};
use crate::rls::{Audit, Finding, Rule, Scope, lint};
use crate::schema::Schema;

/// What is at least as bad as this stops a step.
const STOPS: Severity = Severity::Warning;

/// The expression for how much was changed in the catalog, but for what nothing is judged by, as
/// the server counts it for the session: two answers within a transaction are the same where
/// nothing was changed between them. Where it does not count, null.
pub(in crate::migrator) const CHANGES: &str = "(select case when pg_catalog.current_setting('track_counts')::pg_catalog.bool then
    (select pg_catalog.sum(n_tup_ins operator(pg_catalog.+) n_tup_upd operator(pg_catalog.+) n_tup_del)
     from pg_catalog.pg_stat_xact_sys_tables
     where schemaname operator(pg_catalog.=) 'pg_catalog'
       and relname operator(pg_catalog.<>) all (array['pg_statistic', 'pg_statistic_ext_data',
           'pg_largeobject', 'pg_largeobject_metadata', 'pg_description', 'pg_shdescription',
           'pg_subscription_rel', 'pg_sequence']::pg_catalog.name[]))::pg_catalog.int8
    end)";

/// Judges steps, each by what was there before it.
pub(in crate::migrator) struct Gate<'a> {
    migrator: &'a Migrator,
    scope: Scope,
    kept: Option<Kept>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What is found already, and is not the next step's doing.
    known: BTreeSet<Key>,
    /// How many steps were judged, and how many of them had changed nothing in the catalog.
    judged: usize,
    unchanged: usize,
}

/// What tells two findings apart: one that got worse says something else.
type Key = (&'static str, String, String);

fn key(rule: &Rule, finding: &Finding) -> Key {
    (
        rule.code,
        finding.object.to_string(),
        finding.message.clone(),
    )
}

impl<'a> Gate<'a> {
    /// Learns what is found before the first step, outside of a transaction or in the one of a
    /// session that is shared. What is kept is held against the last step where that `ends_at_head`,
    /// since that is what it tells of.
    ///
    /// # Errors
    /// The server's, and files that cannot be read or are wrong.
    pub(in crate::migrator) async fn open(
        migrator: &'a Migrator,
        session: &Session,
        ends_at_head: bool,
    ) -> Result<Self, Error> {
        let kept = if ends_at_head {
            Kept::load(migrator)?
        } else {
            None
        };
        let mut gate = Self {
            migrator,
            scope: migrator.settings.audit.scope(&[]),
            kept: None,
            state: Mutex::default(),
        };
        let begin = "begin read only; set local search_path = ''";
        if !session.is_shared() {
            session.batch(begin).await?;
        }
        let read = async {
            let schema = catalog::read_within(session, &gate.scope.schemas).await?;
            let is_empty = gate.holds_no_row(session, &schema).await?;
            Ok::<_, DbError>((schema, is_empty))
        };
        let read = read.await;
        if !session.is_shared() {
            session.batch("rollback").await?;
        }
        let (schema, is_empty) = read?;
        let found = lint(gate.audit(&schema), &migrator.settings.audit.allow.value);
        let known = found.findings.iter();
        gate.state().known = known.map(|(rule, finding)| key(rule, finding)).collect();
        gate.kept = match kept {
            Some(kept) if migrator.settings.production.value || !is_empty => {
                Some(kept.without_trying())
            }
            kept => kept,
        };
        Ok(gate)
    }

    fn audit<'s>(&'s self, schema: &'s Schema) -> Audit<'s> {
        Audit {
            schema,
            scope: &self.scope,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no table of the API holds a row: what is tried counts those that are there.
    async fn holds_no_row(&self, session: &Session, schema: &Schema) -> Result<bool, DbError> {
        let version_table = self.migrator.settings.version_table();
        let audit = self.audit(schema);
        let tables = audit.tables().filter(|table| table.name != version_table);
        let probes: Vec<String> = tables
            .map(|table| format!("exists (select from {})", table.name))
            .collect();
        if probes.is_empty() {
            return Ok(true);
        }
        let sql = format!("select not ({})", probes.join(" or "));
        session.query_one(&sql, &[]).await?.get(0)
    }

    /// Judges what the open transaction holds, whose `search_path` is empty and whose role is the
    /// one that logged in; after the last step, by the matrix that is kept too. `before` is what
    /// [`CHANGES`] told before the step.
    ///
    /// # Errors
    /// The server's, and [`Error::Matrix`] where nothing could be tried; within, why the step may
    /// not be committed.
    pub(in crate::migrator) async fn judge(
        &self,
        session: &Session,
        before: Option<i64>,
        is_last: bool,
    ) -> Result<Result<(), GateRefusal>, Error> {
        self.state().judged += 1;
        let kept = self.kept.as_ref().filter(|_| is_last);
        let unchanged = match before {
            None => false,
            Some(_) => {
                let counted = session.query_one(&format!("select {CHANGES}"), &[]).await?;
                counted.get::<Option<i64>>(0)? == before
            }
        };
        if unchanged {
            self.state().unchanged += 1;
            if kept.is_none() {
                return Ok(Ok(()));
            }
        }
        let schema = catalog::read_within(session, &self.scope.schemas).await?;
        let (found, findings) = self.new_findings(&schema);
        let differences = match kept {
            Some(kept) => kept.differences(session, &self.scope, &schema).await?,
            None => Vec::new(),
        };
        if findings.is_empty() && differences.is_empty() {
            self.state().known = found;
            return Ok(Ok(()));
        }
        Ok(Err(GateRefusal {
            findings,
            differences,
        }))
    }

    /// What is found, and what of it is new and bad enough.
    fn new_findings(&self, schema: &Schema) -> (BTreeSet<Key>, Vec<RlsFinding>) {
        let allowed = &self.migrator.settings.audit.allow.value;
        let found = lint(self.audit(schema), allowed).findings;
        let keys = found.iter().map(|(rule, finding)| key(rule, finding));
        let keys: BTreeSet<Key> = keys.collect();
        let state = self.state();
        let new = found.into_iter().filter(|(rule, finding)| {
            rule.severity >= STOPS && !state.known.contains(&key(rule, finding))
        });
        let new = new.map(|(rule, finding)| self.migrator.finding(rule, finding));
        (keys, new.collect())
    }

    /// What was judged.
    pub(in crate::migrator) fn report(&self) -> RlsGate {
        let state = self.state();
        RlsGate {
            steps_judged: state.judged,
            steps_unchanged: state.unchanged,
            findings_known: state.known.len(),
            matrix: self.kept.as_ref().map(Kept::report),
        }
    }
}
